//! The page's life (WHATWG HTML, W3C Page Lifecycle): hidden, frozen, left, restored, offline. In a worker only the
//! network's coming and going is to be seen.

use super::Sink;
use crate::keeper::Input;
use crate::recovery::PageEvent;
use core::cell::RefCell;
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Document, Event, EventTarget, PageTransitionEvent, Window};

/// The listeners on the page, once attached.
pub(super) struct Page {
    listeners: RefCell<Vec<EventListener>>,
    sink: Sink,
}

impl Page {
    /// Not attached yet.
    pub(super) fn new(sink: Sink) -> Self {
        Self { listeners: RefCell::default(), sink }
    }

    /// Listens, and tells how the page stands where it is not visible and online already.
    pub(super) fn attach(&self) {
        let global = js_sys::global();
        let Ok(global) = global.dyn_into::<EventTarget>() else { return };
        let mut listeners = vec![
            self.on(&global, "online", |_| Some(PageEvent::Online)),
            self.on(&global, "offline", |_| Some(PageEvent::Offline)),
        ];
        if let Some(window) = global.dyn_ref::<Window>() {
            if !window.navigator().on_line() {
                (self.sink)(Input::Page(PageEvent::Offline));
            }
            listeners.push(self.on(window, "pagehide", |_| Some(PageEvent::PageHide)));
            listeners.push(self.on(window, "pageshow", restored));
            if let Some(document) = window.document() {
                self.attach_document(&document, &mut listeners);
            }
        }
        *self.listeners.borrow_mut() = listeners;
    }

    /// Stops listening.
    pub(super) fn detach(&self) {
        self.listeners.take();
    }

    fn attach_document(&self, document: &Document, listeners: &mut Vec<EventListener>) {
        if document.hidden() {
            (self.sink)(Input::Page(PageEvent::Hidden));
        }
        let seen = document.clone();
        listeners.push(self.on(document, "visibilitychange", move |_| {
            Some(if seen.hidden() { PageEvent::Hidden } else { PageEvent::Visible })
        }));
        listeners.push(self.on(document, "freeze", |_| Some(PageEvent::Frozen)));
        listeners.push(self.on(document, "resume", |_| Some(PageEvent::Resumed)));
    }

    fn on(
        &self,
        target: &EventTarget,
        name: &'static str,
        convert: impl Fn(&Event) -> Option<PageEvent> + 'static,
    ) -> EventListener {
        let sink = self.sink.clone();
        EventListener::new(target, name, move |event| {
            if let Some(event) = convert(event) {
                sink(Input::Page(event));
            }
        })
    }
}

/// Every page is shown once; only one that comes back from the back/forward cache has lost its connections.
fn restored(event: &Event) -> Option<PageEvent> {
    let shown = event.dyn_ref::<PageTransitionEvent>()?;
    shown.persisted().then_some(PageEvent::PageShow)
}

//! One keeper beside the fake Finesse, and what it told.

use core::cell::RefCell;
use finesse_keeper::web::Core;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The package's own performers.
mod host {
    use finesse_keeper::web::Core;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/pkg/src/host.js")]
    extern "C" {
        pub(crate) type Host;
        #[wasm_bindgen(constructor)]
        pub(crate) fn new(core: &Keeper, credentials: &js_sys::Function, tell: &js_sys::Function) -> Host;
        #[wasm_bindgen(method)]
        pub(crate) fn start(this: &Host);
        #[wasm_bindgen(method)]
        pub(crate) fn feed(this: &Host, input: &js_sys::Function);
        #[wasm_bindgen(method)]
        pub(crate) fn detach(this: &Host);
    }

    #[wasm_bindgen]
    extern "C" {
        /// A core as JavaScript holds it.
        #[derive(Clone)]
        pub(crate) type Keeper;
        #[wasm_bindgen(method)]
        pub(crate) fn status(this: &Keeper) -> JsValue;
        #[wasm_bindgen(method)]
        pub(crate) fn timeline(this: &Keeper) -> JsValue;
        #[wasm_bindgen(method)]
        pub(crate) fn explain(this: &Keeper, behind_min: i32) -> String;
    }

    impl From<Core> for Keeper {
        fn from(core: Core) -> Self {
            JsValue::from(core).unchecked_into()
        }
    }
}

pub(crate) use host::Host;

/// The fake Finesse.
pub(crate) mod fake {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen(module = "/tests/wasm/fake.js")]
    extern "C" {
        pub(crate) fn install();
        pub(crate) fn uninstall();
        pub(crate) fn flood(megabytes: u32);
        pub(crate) fn pulled() -> u32;
        #[wasm_bindgen(js_name = answerWith)]
        pub(crate) fn answer_with(status: u16, text: &str);
        #[wasm_bindgen(js_name = socketCount)]
        pub(crate) fn socket_count() -> usize;
        #[wasm_bindgen(js_name = lastClose)]
        pub(crate) fn last_close() -> Option<u16>;
        #[wasm_bindgen(js_name = lastSent)]
        pub(crate) fn last_sent() -> String;
        #[wasm_bindgen(js_name = sayText)]
        pub(crate) fn say_text(text: &str);
        #[wasm_bindgen(js_name = sayLong)]
        pub(crate) fn say_long(length: u32);
        #[wasm_bindgen(js_name = sayBinary)]
        pub(crate) fn say_binary(length: u32);
        #[wasm_bindgen(js_name = drop)]
        pub(crate) fn drop_socket(code: u16);
        #[wasm_bindgen(js_name = requestsJson)]
        pub(crate) fn requests_json() -> String;
        pub(crate) fn page(name: &str);
    }
}

type Told = Rc<RefCell<Vec<(String, JsValue)>>>;
type Tell = Closure<dyn FnMut(String, JsValue)>;

/// A keeper, and every event it told.
pub(crate) struct World {
    pub(crate) core: host::Keeper,
    pub(crate) host: host::Host,
    told: Told,
    hook: Rc<RefCell<Option<Function>>>,
    _tell: Tell,
}

impl World {
    /// A keeper that has not begun, whose provider gives a password.
    pub(crate) fn new(hosts: &[&str]) -> Self {
        Self::with_credentials(hosts, "return Promise.resolve({ password: 'pw-1001' })")
    }

    /// The same with another provider: the body of a function of `question`.
    pub(crate) fn with_credentials(hosts: &[&str], provider: &str) -> Self {
        fake::install();
        let told = Told::default();
        let hook = Rc::new(RefCell::new(None::<Function>));
        let tell: Tell = Closure::new({
            let (told, hook) = (Rc::clone(&told), Rc::clone(&hook));
            move |kind: String, detail| {
                let hook = hook.borrow().clone();
                if let Some(hook) = hook {
                    hook.call1(&JsValue::NULL, &kind.as_str().into()).unwrap();
                }
                told.borrow_mut().push((kind, detail));
            }
        });
        let provider = Function::new_with_args("question", provider);
        let function = tell.as_ref().unchecked_ref::<Function>().clone();
        let core = host::Keeper::from(Core::new(&options(hosts, "1001")).unwrap());
        let host = host::Host::new(&core, &provider, &function);
        Self { core, host, told, hook, _tell: tell }
    }

    /// A keeper that is in service.
    pub(crate) async fn in_service() -> Self {
        let world = Self::new(&["https://fin-a"]);
        world.host.start();
        world.until("service", World::is_in_service).await;
        world
    }

    /// Feeds the keeper an input: a call of one of its methods.
    pub(crate) fn feed(&self, call: &str) {
        self.host.feed(&Function::new_with_args("core", &format!("core.{call}")));
    }

    /// Calls a JavaScript function with every event's kind, from inside the event.
    pub(crate) fn on_event(&self, hook: Function) {
        self.hook.borrow_mut().replace(hook);
    }

    /// Waits until `test` holds, 20 s at most.
    pub(crate) async fn until(&self, what: &str, test: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if test(self) {
                return;
            }
            sleep(20).await;
        }
        panic!("waited for {what}:\n{}", self.timeline());
    }

    pub(crate) fn is_in_service(&self) -> bool {
        text(&self.core.status(), "state") == "in-service"
    }

    /// What is known of the only side.
    pub(crate) fn side(&self) -> JsValue {
        at(&at(&self.core.status(), "sides"), "0")
    }

    pub(crate) fn told(&self) -> Vec<(String, JsValue)> {
        self.told.borrow().clone()
    }

    pub(crate) fn timeline(&self) -> String {
        let line = |entry: JsValue| format!("{} {}\n", text(&entry, "kind"), text(&entry, "text"));
        Array::from(&self.core.timeline()).iter().map(line).collect()
    }

    /// How much was heard of the page.
    pub(crate) fn pages(&self) -> usize {
        self.timeline().lines().filter(|line| line.starts_with("page ")).count()
    }

    /// Ends, and gives the browser its own functions back.
    pub(crate) fn close(self) {
        self.feed("close()");
        self.host.detach();
        fake::uninstall();
    }
}

/// The size of this module's memory in bytes.
pub(crate) fn memory() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    at(&memory.buffer(), "byteLength").as_f64().unwrap()
}

/// Options as the package's JavaScript hands them over.
pub(crate) fn options(hosts: &[&str], user: &str) -> JsValue {
    let quoted: Vec<String> = hosts.iter().map(|host| format!(r#"{{"rest":"{host}"}}"#)).collect();
    let hosts = quoted.join(",");
    JSON::parse(&format!(r#"{{"hosts":[{hosts}],"user":"{user}","expectedAgents":1}}"#)).unwrap()
}

/// A property.
pub(crate) fn at(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

/// A property that is a text.
pub(crate) fn text(object: &JsValue, name: &str) -> String {
    at(object, name).as_string().unwrap_or_default()
}

/// The class that an object is made of.
pub(crate) fn class(object: &JsValue) -> JsValue {
    at(&Object::get_prototype_of(object), "constructor")
}

/// Lets the browser do other things.
pub(crate) async fn sleep(millis: i32) {
    let sleep = Function::new_with_args("millis", "return new Promise((done) => setTimeout(done, millis))");
    let promise: Promise = sleep.call1(&JsValue::NULL, &millis.into()).unwrap().unchecked_into();
    JsFuture::from(promise).await.unwrap();
}

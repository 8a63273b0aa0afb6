//! The demo page and the package that it imports, from the disk, never cached.

use std::path::{Component, Path, PathBuf};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};

use crate::port::{Reply, plain};

pub(crate) struct Roots {
    pub(crate) www: PathBuf,
    pub(crate) pkg: PathBuf,
}

impl Roots {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        let (root, below) = match path.strip_prefix("/pkg/") {
            Some(below) => (&self.pkg, below),
            None => (&self.www, path.trim_start_matches('/')),
        };
        let relative = Path::new(below);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return plain(StatusCode::NOT_FOUND);
        }
        let mut file = root.join(relative);
        if file.is_dir() {
            if !path.ends_with('/') {
                return leave_for(&format!("{path}/"));
            }
            file.push("index.html");
        }
        match tokio::task::spawn_blocking({
            let file = file.clone();
            move || std::fs::read(file)
        })
        .await
        {
            Ok(Ok(bytes)) => {
                let mut response = Response::new(Full::new(Bytes::from(bytes)));
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(&file)));
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            _ => plain(StatusCode::NOT_FOUND),
        }
    }
}

fn leave_for(path: &str) -> Reply {
    let mut response = plain(StatusCode::FOUND);
    if let Ok(location) = HeaderValue::try_from(path) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        _ => "text/plain; charset=utf-8",
    }
}

//! Cross-origin access as `utils finesse cors enable_all` leaves it (facts 2.1, 11): the origin is echoed on every
//! answer, errors included; nothing but `Access-Control-*` is exposed; only the default request headers pass. And as the
//! notification service has it by default: every origin, on every answer.

use crate::rest::{HttpRequest, Reply};

/// Request headers that a page of another origin may send.
const ALLOWED: &str = "Content-Type,X-Requested-With,accept,Origin,Authorization,Access-Control-Request-Method,Access-Control-Request-Headers,requestId,Range";

/// Response headers that such a page may read.
const EXPOSED: &str = "Access-Control-Allow-Origin,Access-Control-Allow-Credentials";

/// What Openfire 4.2 lets pass at `/http-bind/`.
const BOSH_METHODS: &str = "PROPFIND, PROPPATCH, COPY, MOVE, DELETE, MKCOL, LOCK, UNLOCK, PUT, GETLIB, VERSION-CONTROL, CHECKIN, CHECKOUT, UNCHECKOUT, REPORT, UPDATE, CANCELUPLOAD, HEAD, OPTIONS, GET, POST";
const BOSH_ALLOWED: &str = "Overwrite, Destination, Content-Type, Depth, User-Agent, X-File-Size, X-Requested-With, If-Modified-Since, X-File-Name, Cache-Control";

/// The answer to a preflight: 403 when it asks for a header that is not on the list.
pub(crate) fn preflight(request: &HttpRequest) -> Reply {
    let allowed = |name: &str| ALLOWED.split(',').any(|known| known.eq_ignore_ascii_case(name.trim()));
    let asked = request.header("Access-Control-Request-Headers").unwrap_or_default();
    if !asked.split(',').filter(|name| !name.trim().is_empty()).all(allowed) {
        return Reply::empty(403);
    }
    let mut reply = Reply::empty(200);
    if request.header("Access-Control-Request-Method").is_some() {
        let mut set = |name: &str, value: &str| reply.headers.push((name.into(), value.into()));
        set("Access-Control-Allow-Methods", "GET,PUT,POST,DELETE,HEAD,OPTIONS");
        set("Access-Control-Allow-Headers", ALLOWED);
        set("Access-Control-Max-Age", "1800");
    }
    reply
}

/// Marks an answer as readable for the page that asked.
pub(crate) fn allow(request: &HttpRequest, reply: &mut Reply) {
    let Some(origin) = request.header("Origin") else { return };
    if request.method == "OPTIONS" && reply.status == 403 {
        return;
    }
    let mut set = |name: &str, value: &str| reply.headers.push((name.into(), value.into()));
    set("Access-Control-Allow-Origin", origin);
    set("Access-Control-Allow-Credentials", "true");
    set("Access-Control-Expose-Headers", EXPOSED);
    set("Vary", "Origin");
}

/// Marks an answer of the notification service as readable for every page, as Openfire 4.2 does.
pub(crate) fn allow_bosh(reply: &mut Reply) {
    let mut set = |name: &str, value: &str| reply.headers.push((name.into(), value.into()));
    set("Access-Control-Allow-Origin", "*");
    set("Access-Control-Allow-Methods", BOSH_METHODS);
    set("Access-Control-Allow-Headers", BOSH_ALLOWED);
    set("Access-Control-Max-Age", "86400");
}

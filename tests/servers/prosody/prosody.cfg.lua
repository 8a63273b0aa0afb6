-- Prosody as a notification service of the tests; prosody.mjs sets the environment that is named here.
local home = ENV_KEEPER_HOME

-- It may run as root because the tests may: loopback only, and gone with them. Started as its own user it could not
-- read a checkout below /root.
run_as_root = true
pidfile = home .. "/prosody.pid"
data_path = home .. "/data"
certificates = home
log = { info = "*console" }

interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = {}
c2s_direct_tls_ports = {}
s2s_ports = {}
component_ports = {}
http_interfaces = { "127.0.0.1" }
http_ports = { tonumber(ENV_KEEPER_PORT) }
https_interfaces = { "127.0.0.1" }
https_ports = { tonumber(ENV_KEEPER_TLS_PORT) }
https_ssl = { key = ENV_KEEPER_KEY, certificate = ENV_KEEPER_CERTIFICATE }

-- no `offline`: what nobody receives is lost, as Finesse leaves it
modules_enabled = { "roster", "saslauth", "disco", "ping", "presence", "message", "iq", "bosh", "websocket", "smacks", "posix", "version" }
modules_disabled = { "s2s", "offline", "pep" }

-- where Openfire has them; any Host header is served
http_paths = { bosh = "/http-bind", websocket = "/ws" }
http_default_host = "localhost"

-- PLAIN is offered although the plain port has no TLS
consider_bosh_secure = true
consider_websocket_secure = true
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
authentication = "internal_plain"
storage = "internal"

bosh_max_inactivity = 30
bosh_max_wait = 60

Include(home .. "/settings.cfg.lua")

VirtualHost "localhost"

Component "pubsub.localhost" "pubsub"
  admins = { "finesse@localhost" }
  default_admin_affiliation = "owner"

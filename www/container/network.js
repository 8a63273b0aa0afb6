// @ts-check
// The gadget's way to the pair is the agent's network: what the simulator takes away from the agent it takes from the gadget, too.
// The simulator knows an agent by a prefix of the path; gadgets know hosts and ports only, as from Finesse.
'use strict';

{
  /** @type {{ routes: [string, string][] } | undefined} From the origin of a side to the same with the agent's prefix. */
  const given = /** @type {any} */ (window.frameElement)?.gadget;

  /** @param {string | URL} address */
  const route = (address) => {
    const { href } = new URL(address, document.baseURI);
    const way = given?.routes.find(([origin, prefixed]) => href.startsWith(`${origin}/`) && !href.startsWith(`${prefixed}/`));
    return way ? way[1] + href.slice(way[0].length) : href;
  };

  const { fetch, WebSocket, XMLHttpRequest } = window;
  window.fetch = async (input, init) => fetch(input instanceof Request ? new Request(route(input.url), input) : route(input), init);

  window.WebSocket = class extends WebSocket {
    /**
     * @param {string | URL} url
     * @param {string | string[]} [protocols]
     */
    constructor(url, protocols) {
      super(route(url), protocols);
    }
  };

  const { open } = XMLHttpRequest.prototype;
  /** @param {[method: string, url: string | URL, ...rest: any[]]} given */
  XMLHttpRequest.prototype.open = function (...[method, url, ...rest]) {
    return /** @type {any} */ (open).call(this, method, route(url), ...rest);
  };
}

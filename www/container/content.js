// @ts-check
// Writes the gadget's content into its frame, while the frame is being read: scripts of the content run in their order, as if
// they had come with it. Addresses in it are relative to the gadget's file, as Shindig rewrites them.
'use strict';

{
  /** @type {{ url: string, title: string, content: string } | undefined} */
  const given = /** @type {any} */ (window.frameElement)?.gadget;
  if (given) {
    const base = document.createElement('base');
    base.href = given.url;
    document.title = given.title;
    document.write(base.outerHTML, given.content);
  } else {
    document.write('<p>This page is the frame of a gadget. Open <a href="./">the container</a>.</p>');
  }
}

/** A style sheet, minified by scripts/build.mjs. */
declare module '*.css' {
  const text: string;
  export default text;
}

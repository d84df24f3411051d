/** What is used of Plotly's build that runs under a strict policy; it brings no types. */
declare module 'plotly.js-strict-dist-min' {
  interface Plotly {
    newPlot: (element: HTMLElement, data: unknown, layout: unknown, config: unknown) => Promise<unknown>;
    purge: (element: HTMLElement) => void;
  }
  const plotly: Plotly;
  export default plotly;
}

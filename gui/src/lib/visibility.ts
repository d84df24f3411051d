/** Whether anybody can see the page. */

/** Call `listener` whenever the page is shown or hidden; returns how to stop. */
export function watchVisibility(listener: (visible: boolean) => void): () => void {
  const tell = (): void => {
    listener(isVisible());
  };
  document.addEventListener('visibilitychange', tell);
  return () => {
    document.removeEventListener('visibilitychange', tell);
  };
}

/** Whether the page is shown now. */
export function isVisible(): boolean {
  return document.visibilityState !== 'hidden';
}

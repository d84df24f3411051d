/** Short sentences about what was done, said by whatever part of the page did it and shown by the shell. */

export interface Announcement {
  id: number;
  text: string;
}

/** Milliseconds for which a sentence stays to be read. */
export const SHOWN = 6000;

type Listener = () => void;

/** The sentences that are shown now. */
export class Announcements {
  private shown: readonly Announcement[] = [];
  private count = 0;
  private readonly listeners = new Set<Listener>();

  readonly say = (text: string): void => {
    const id = (this.count += 1);
    this.change([...this.shown, { id, text }]);
    setTimeout(() => {
      this.dismiss(id);
    }, SHOWN);
  };

  readonly dismiss = (id: number): void => {
    this.change(this.shown.filter((each) => each.id !== id));
  };

  readonly read = (): readonly Announcement[] => this.shown;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  private change(shown: readonly Announcement[]): void {
    this.shown = shown;
    for (const listener of this.listeners) listener();
  }
}

/** Those of this page. */
export const announcements = new Announcements();

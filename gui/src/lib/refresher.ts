/** Reads again what has changed, often enough to be live and seldom enough to be calm. */

/** The shortest pause, in milliseconds, between two readings of the same thing. */
export const PAUSE = 1000;
/** A reading that took long is followed by a pause this many times as long. */
const REST = 2;

/**
 * Calls `read` for each thing that it is asked for: at once, and then, however often it is asked, never again before
 * the reading has ended and a pause has passed. What was asked for meanwhile is read once more after the pause.
 */
export class Refresher<Thing> {
  private readonly read: (thing: Thing) => Promise<unknown>;
  private readonly nameOf: (thing: Thing) => string;
  private readonly busy = new Set<string>();
  private readonly asked = new Set<string>();

  constructor(read: (thing: Thing) => Promise<unknown>, nameOf: (thing: Thing) => string) {
    this.read = read;
    this.nameOf = nameOf;
  }

  ask(thing: Thing): void {
    const name = this.nameOf(thing);
    this.asked.add(name);
    if (!this.busy.has(name)) void this.follow(name, thing);
  }

  private async follow(name: string, thing: Thing): Promise<void> {
    this.busy.add(name);
    while (this.asked.delete(name)) {
      const began = Date.now();
      await this.read(thing).catch(() => undefined); // whoever shows the thing shows the error too
      await pause(Math.max(PAUSE, REST * (Date.now() - began)));
    }
    this.busy.delete(name);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

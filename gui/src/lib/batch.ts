/** Things that are wanted at the same time, read together. */

/** Those who wait for one thing. */
interface Waiting<Thing> {
  promise: Promise<Thing>;
  resolve: (thing: Thing) => void;
  reject: (error: unknown) => void;
}

/**
 * Collects what is asked for within one turn of the page, and reads it with one call of `read`, or as many as it takes
 * when there are more than `most`; what several ask for is read once. `read` answers for each id, in their order, with the thing or why there is none.
 */
export class Batch<Thing> {
  private readonly read: (ids: string[]) => Promise<(Thing | Error)[]>;
  private readonly most: number;
  private waiting = new Map<string, Waiting<Thing>>();

  constructor(read: (ids: string[]) => Promise<(Thing | Error)[]>, most: number) {
    this.read = read;
    this.most = most;
  }

  /** Return one thing. Throws what `read` throws, or has for it. */
  get(id: string): Promise<Thing> {
    const known = this.waiting.get(id);
    if (known) return known.promise;
    if (this.waiting.size === 0) queueMicrotask(() => void this.send());
    const waiting = begin<Thing>();
    this.waiting.set(id, waiting);
    return waiting.promise;
  }

  private async send(): Promise<void> {
    const all = [...this.waiting];
    this.waiting = new Map();
    const starts = Array.from({ length: Math.ceil(all.length / this.most) }, (_, part) => part * this.most);
    await Promise.all(starts.map((start) => this.settle(all.slice(start, start + this.most))));
  }

  private async settle(part: [string, Waiting<Thing>][]): Promise<void> {
    try {
      const found = await this.read(part.map(([id]) => id));
      part.forEach(([, { resolve, reject }], place) => {
        const thing = found[place];
        if (thing === undefined || thing instanceof Error) reject(thing);
        else resolve(thing);
      });
    } catch (error) {
      for (const [, { reject }] of part) reject(error);
    }
  }
}

function begin<Thing>(): Waiting<Thing> {
  const functions: Partial<Waiting<Thing>> = {};
  const promise = new Promise<Thing>((resolve, reject) => Object.assign(functions, { resolve, reject }));
  return { ...(functions as Waiting<Thing>), promise };
}

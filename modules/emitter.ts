// SPDX-License-Identifier: Apache-2.0
/**
 * The event emitter that every object of these modules is.
 *
 * Espruino has `on` and `emit` on every object, but defers `emit` to idle and gives no order
 * against timers; Node's EventEmitter throws out of `emit`. This one is synchronous, in order, and
 * cannot be broken by a listener, so that programs and tests behave alike on both.
 *
 * @module
 */

/** Any listener, with the arguments that its event documents. */
export type Listener<A extends unknown[] = never[]> = (...values: A) => void;

/** Throws from a timer: an uncaught error for the program, none for the code that emits. */
export const throwLater = function (error: unknown): void {
    setTimeout(function () {
        throw error;
    }, 0);
};

/** An event, and who hears it. */
interface Told {
    list: Listener[];
    first: unknown;
    second: unknown;
}

const tell = function (event: Told): void {
    event.list.forEach(function (listener) {
        try {
            listener(event.first as never, event.second as never);
        } catch (error) {
            throwLater(error);
        }
    });
};

/**
 * Base of all objects with events. `E` maps each event's name to its arguments.
 *
 * @example
 * ```ts
 * const bell = new Emitter<{ ring: [times: number] }>();
 * bell.on("ring", (times) => console.log(times));
 * bell.emit("ring", 2);
 * ```
 */
export class Emitter<E extends { [K in keyof E]: unknown[] }> {
    private listeners: { [name: string]: Listener[] | undefined };
    /** What listeners emit while one event is told; undefined while none is. @internal */
    _nested: Told[] | undefined;

    constructor() {
        this.listeners = {};
    }

    /** Adds a listener; the same one may be added several times. */
    on<K extends keyof E & string>(name: K, listener: Listener<E[K]>): this {
        const list = this.listeners[name];
        this.listeners[name] = (list || []).concat([listener as unknown as Listener]);
        return this;
    }

    /** Removes a listener once; one that was never added is ignored. */
    removeListener<K extends keyof E & string>(name: K, listener: Listener<E[K]>): this {
        const list = this.listeners[name] || [];
        const at = list.indexOf(listener as unknown as Listener);
        if (at >= 0) {
            this.listeners[name] = list.filter(function (_, index) {
                return index !== at;
            });
        }
        return this;
    }

    /** Removes the listeners of one event, or without a name those of all. */
    removeAllListeners(name?: keyof E & string): this {
        if (name === undefined) this.listeners = {};
        else this.listeners[name] = undefined;
        return this;
    }

    /** How many listeners an event has. */
    listenerCount(name: keyof E & string): number {
        return (this.listeners[name] || []).length;
    }

    /**
     * Calls the listeners in the order they were added; returns whether there was one. What a listener
     * emits on the same object comes after the event that it hears: programs for Espruino count on
     * that, its MQTT module when it hands back the rest of a piece of data.
     */
    emit<K extends keyof E & string>(name: K, first?: E[K][0], second?: E[K][1]): boolean {
        const list = this.listeners[name] || [];
        if (this._nested) {
            this._nested.push({ list, first, second });
        } else if (list.length > 0) {
            const queue: Told[] = [];
            this._nested = queue;
            tell({ list, first, second });
            for (let next = queue.shift(); next; next = queue.shift()) tell(next);
            this._nested = undefined;
        }
        return list.length > 0;
    }
}

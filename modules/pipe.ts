// SPDX-License-Identifier: Apache-2.0
/**
 * Sending what comes out of one stream into another, at the pace of the slower.
 *
 * @module
 */

/** A stream with `data`, `end` and `close` that can be stopped. */
export interface PipeSource {
    on(event: "data", listener: (data: string) => void): unknown;
    on(event: "end" | "close", listener: () => void): unknown;
    pause(): unknown;
    resume(): unknown;
    destroy?(): unknown;
}

/** Where to: a socket, a request, a file of Espruino, a writable stream of Node. */
export interface PipeDestination {
    /** Node's streams need the encoding to take a binary string as bytes. */
    write(data: string, encoding: "latin1"): unknown;
    /** Called at the end of the source. */
    end?(): unknown;
    /** Called instead, where there is no `end`. */
    close?(): unknown;
    /** Where it can tell when to go on, or that it is closed. */
    on?(event: "drain" | "close", listener: () => void): unknown;
}

/** As in Espruino and Node. */
export interface PipeOptions {
    /** `false` leaves the destination open at the end. */
    end?: boolean | undefined;
    /** Called at the end of the source (Espruino). */
    complete?: (() => void) | undefined;
}

/**
 * Pipes. The source pauses while the destination's `write` answers `false`, and is destroyed when
 * the destination closes first. Files of Espruino, which have `close` instead of `end`, are closed.
 */
export const pipe = function <T extends PipeDestination>(
    source: PipeSource,
    destination: T,
    options?: PipeOptions,
): T {
    let open = true;
    source.on("data", function (data) {
        if (open && destination.write(data, "latin1") === false && destination.on) source.pause();
    });
    source.on("end", function () {
        open = false;
        if (!options || options.end !== false) {
            if (destination.end) destination.end();
            else if (destination.close) destination.close();
        }
        if (options && options.complete) options.complete();
    });
    if (destination.on) {
        destination.on("drain", function () {
            source.resume();
        });
        destination.on("close", function () {
            if (open && source.destroy) source.destroy();
            open = false;
        });
    }
    return destination;
};

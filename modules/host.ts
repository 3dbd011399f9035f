// SPDX-License-Identifier: Apache-2.0
/**
 * The two small interfaces that separate the modules from where they run: a {@link Transport}
 * moves ciphertext, a {@link Binding} calls the native core. Each host implements both.
 *
 * @module
 */

import type { Kind, Loadable } from "./certificates.ts";

/**
 * A byte stream as the modules use it: Espruino's sockets have this shape, and so can any object
 * that a program passes as `socket`.
 */
export interface Stream {
    /** Sends bytes given as a binary string; `false` asks the caller to wait for `drain`. */
    write(data: string): boolean | void;
    /** Ends the stream after what was written. */
    end(): void;
    /** Drops the stream at once, where the host can. */
    destroy?(): void;
    /** `data` carries a binary string or `Uint8Array`; `close` comes exactly once. */
    on(event: "data", listener: (data: string | Uint8Array) => void): unknown;
    /** `end`: no more data comes; `drain`: more can be written. */
    on(event: "close" | "end" | "drain", listener: () => void): unknown;
    /** What went wrong; `close` follows. */
    on(event: "error", listener: (error: unknown) => void): unknown;
    /** Stops `data` events where the host can; used to keep memory bounded. */
    pause?(): void;
    /** Takes `data` events up again. */
    resume?(): void;
    /**
     * Whether what is coming just now would be lost by a call that takes long, on a UART; then `quiet` is
     * called as soon as it would not. Left out: never.
     */
    busy?(quiet: () => void): boolean;
    /** Lets the process end though the stream is open, and takes that back; Node alone has these. */
    unref?(): void;
    /** Takes {@link Stream.unref} back. */
    ref?(): void;
    /** The address of the other end, where the host knows it. */
    remoteAddress?: string | undefined;
}

/** Where to connect to. */
export interface Address {
    /** A host name or IP address. */
    host: string;
    /** A TCP port, 1 to 65535. */
    port: number;
}

/** A server that listens; {@link Transport.listen} makes it. */
export interface Listener {
    /** The port in use, of interest when 0 was asked for. */
    port: number;
    /** Stops accepting; connections that exist go on. */
    close(callback?: () => void): void;
}

/** Makes the streams that carry ciphertext. */
export interface Transport {
    /**
     * Connects to a server. `ready` is called once when bytes can be sent; failure is an `error`
     * and a `close` event of the stream, or a throw.
     */
    connect(to: Address, ready: () => void): Stream;
    /** Accepts connections; hosts without servers leave it out. */
    listen?(
        at: { host?: string | undefined; port: number },
        accept: (stream: Stream) => void,
        ready: (error: unknown, listener?: Listener) => void,
    ): void;
}

/**
 * Calls the C ABI (`native/include/etls.h`). An entry is named by its number in
 * `modules/abi.gen.ts`; results are signed 32-bit. The first C argument, the core, is the
 * binding's own business.
 */
export interface Binding {
    /** Calls an entry with up to three arguments after the core. */
    call(entry: number, a: number, b: number, c: number): number;
    /**
     * Makes `length` bytes of `data`, starting at `from`, addressable and returns their address,
     * good until the next `put`. At most {@link Binding.window} bytes.
     */
    put(data: string | Uint8Array, from: number, length: number): number;
    /**
     * Keeps bytes where the core can read them for as long as it runs, outside the arena: a board's
     * flash. Returns their address, 0 when there is no room; then they are copied into the arena.
     */
    keep?(data: string): number;
    /** Wipes the first `length` bytes of what {@link Binding.put} made addressable. */
    wipe(length: number): void;
    /** Reads bytes that the core owns, as a binary string. */
    get(address: number, length: number): string;
    /** The core's clock, milliseconds since 1970, 0 when not set. Left out: it is `Date.now`. */
    now?(): number;
    /** How many bytes one {@link Binding.put} can hold. */
    readonly window: number;
}

/** What the modules need to know of where they run. */
export interface Host {
    transport: Transport;
    /** The binding, or undefined while it is being loaded. */
    binding: Binding | undefined;
    /** Calls back as soon as {@link Host.binding} is there, at once if it is, or with why it will never be. */
    ready(callback: (error?: unknown) => void): void;
    /** What is trusted when a program names nothing: DER or trust bundles, each a binary string. Empty: none. */
    defaultCA(): string[];
    /** What something that cannot be used as `kind` looks like, as the end of a sentence; only on the desktop. */
    describe?(kind: Kind, data: string): string | undefined;
    /** Replaces what is encrypted in an option `key` by what it holds; only where there is a way to decrypt. */
    decryptKeys?(value: Loadable, passphrase: string): Loadable;
    /** Reads a file named by a program (Storage on a board); undefined where there is none. */
    readFile(name: string): string | undefined;
}

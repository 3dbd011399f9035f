// SPDX-License-Identifier: Apache-2.0
/**
 * Our socket as a stream of Node, for the libraries that are written for `tls.connect` of Node.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { TLSSocket } from "../modules/tls_socket.ts";

/** A `Duplex` of `node:stream`; named by what is mostly used of it, so that these types need no others. */
export interface DuplexStream {
    /** Listens to an event of streams, `secureConnect` or `timeout`. */
    on(event: string, listener: (...values: never[]) => void): this;
    /** Sends bytes, or text in UTF-8. */
    write(data: string | Uint8Array): boolean;
    /** Sends what was written, then says goodbye. */
    end(): this;
    /** Drops the connection. */
    destroy(error?: Error): this;
}

/** The stream around a socket. */
class SocketStream extends Duplex {
    private readonly socket: TLSSocket;
    /** Of the write that waits for `drain`. */
    private waiting: ((error?: Error | null) => void) | undefined;

    constructor(socket: TLSSocket) {
        super();
        this.socket = socket;
        socket.on("secureConnect", () => this.emit("secureConnect"));
        socket.on("data", (data) => {
            if (!this.push(Buffer.from(data, "latin1"))) socket.pause();
        });
        socket.on("end", () => this.push(null));
        socket.on("drain", () => this.goOn());
        socket.on("timeout", () => this.emit("timeout"));
        socket.on("error", (error) => this.destroy(error));
        socket.on("close", () => this.destroy());
    }

    private goOn(): void {
        const callback = this.waiting;
        this.waiting = undefined;
        callback?.();
    }

    override _read(): void {
        this.socket.resume();
    }

    override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void): void {
        if (this.socket.write(chunk)) callback();
        else this.waiting = callback;
    }

    override _final(callback: (error?: Error | null) => void): void {
        this.socket.end();
        callback();
    }

    override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
        this.waiting = undefined;
        this.socket.destroy();
        callback(error);
    }
}

/**
 * Wraps a socket into a stream of Node with its bytes, its pace, its events `secureConnect` and
 * `timeout`, its errors and its end. From then on the socket is the stream's.
 *
 * @example
 * ```ts
 * import { MqttClient } from "mqtt";
 * import { open, toDuplex } from "espruino-tls";
 *
 * const { tls } = await open();
 * const to = { host: "broker.example.org", port: 8883 };
 * const client = new MqttClient(() => toDuplex(tls.connect(to)) as Duplex, {});
 * ```
 */
export const toDuplex = function (socket: TLSSocket): DuplexStream {
    return new SocketStream(socket);
};

// SPDX-License-Identifier: Apache-2.0
/**
 * A TCP proxy that does to a TLS connection what networks and attackers do: it hands the bytes on
 * in pieces or late, cuts the connection, and changes, drops and inserts records.
 *
 * @module
 */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { RecordReader, type TlsRecord } from "./tls-records.ts";

/** `up`: from the client to the server. */
export type Direction = "up" | "down";

/** A record as it passed, in the order of passing. */
export interface LoggedRecord {
    /** The number of its connection, from 0. */
    connection: number;
    direction: Direction;
    /** Its number among those of its connection and direction, from 0. */
    index: number;
    /** The content type: 20 ChangeCipherSpec, 21 alert, 22 handshake, 23 data. */
    type: number;
    /** 0x0303 but for the first ClientHello. */
    version: number;
    /** The length in its header. */
    length: number;
    /** For handshake records that are not encrypted: the types of the messages beginning in it. */
    messages: number[];
}

/** How a connection is ended: by FIN to the receiver after what was sent, or by RST to both. */
export type Cut = "fin" | "reset";

/** What becomes of a record. */
export interface Outcome {
    /** Sent in its place; nothing = dropped. */
    send: Uint8Array[];
    /** Then ends the connection. */
    cut?: Cut;
    /** Milliseconds to wait before. */
    delay?: number;
}

/** Says what becomes of a record; `undefined` = it passes as it is. */
export type Edit = (record: TlsRecord, log: LoggedRecord) => Outcome | undefined;

/** What the proxy does; without options it only keeps the log. */
export interface ProxyOptions {
    /**
     * Hands on pieces of so many bytes, each a segment of its own and a turn of the event loop. The
     * receiver reads them one by one as a rule; TCP may still join some.
     */
    pieces?: number;
    /** Holds everything back for so many milliseconds. */
    delay?: number;
    /** Ends the connection after so many bytes of that direction. */
    cutAfter?: { direction: Direction; bytes: number; how?: Cut };
    /**
     * Is asked about every record. Then whole records are handed on; what is no TLS record, or no
     * whole one, is handed on when the sender ends.
     */
    edit?: Edit;
}

/** A proxy that runs. */
export interface Proxy {
    port: number;
    records: LoggedRecord[];
    /** How many bytes have been handed on to either side. */
    bytes: Record<Direction, number>;
    /** Ends it with all its connections. */
    close(): Promise<void>;
}

/** Starts a proxy on a port of 127.0.0.1 before the server on another. */
export async function startProxy(target: number, options: ProxyOptions = {}): Promise<Proxy> {
    const records: LoggedRecord[] = [];
    const bytes = { up: 0, down: 0 };
    const open = new Set<Socket>();
    let connections = 0;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        const upstream = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
        upstream.setNoDelay(true);
        const shared = { connection: connections++, options, records, bytes };
        for (const socket of [client, upstream]) {
            open.add(socket);
            socket.on("error", () => undefined); // The other side is told below.
            socket.on("close", () => open.delete(socket));
        }
        void new Pipe("up", client, upstream, shared).run();
        void new Pipe("down", upstream, client, shared).run();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = (): Promise<void> =>
        new Promise((resolve) => {
            server.close(() => resolve());
            open.forEach((socket) => socket.destroy());
        });
    return { port: (server.address() as AddressInfo).port, records, bytes, close };
}

interface Shared {
    connection: number;
    options: ProxyOptions;
    records: LoggedRecord[];
    bytes: Record<Direction, number>;
}

/** One direction of one connection. */
class Pipe {
    private readonly reader = new RecordReader();
    private readonly direction: Direction;
    private readonly from: Socket;
    private readonly to: Socket;
    private readonly shared: Shared;
    private index = 0;
    private sent = 0;
    private isCut = false;

    constructor(direction: Direction, from: Socket, to: Socket, shared: Shared) {
        this.direction = direction;
        this.from = from;
        this.to = to;
        this.shared = shared;
    }

    /** Hands on until one side ends. */
    async run(): Promise<void> {
        try {
            // Reading what comes after a cut is on purpose: unread data would turn FIN into RST.
            for await (const chunk of this.from.iterator({ destroyOnReturn: false })) {
                await this.pass(chunk as Buffer);
            }
            if (this.shared.options.edit) {
                await this.send(this.reader.rest());
            }
            if (!this.isCut) {
                this.to.end();
            }
        } catch {
            // The sender has reset the connection, or there is no server.
            this.to.resetAndDestroy();
        }
    }

    private async pass(chunk: Buffer): Promise<void> {
        const { edit, delay } = this.shared.options;
        if (delay !== undefined) {
            await sleep(delay);
        }
        const read = this.reader.read(chunk);
        const records = read.map((record) => ({ record, log: this.log(record) }));
        if (!edit) {
            await this.send(chunk);
            return;
        }
        for (const { record, log } of records) {
            const outcome = this.isCut ? undefined : edit(record, log);
            if (outcome?.delay !== undefined) {
                await sleep(outcome.delay);
            }
            for (const bytes of outcome?.send ?? [record.bytes]) {
                await this.send(bytes);
            }
            if (outcome?.cut) {
                this.cut(outcome.cut);
            }
        }
    }

    private log(record: TlsRecord): LoggedRecord {
        const { connection, records } = this.shared;
        const { type, version, length, messages } = record;
        const { direction, index } = { direction: this.direction, index: this.index++ };
        const logged = { connection, direction, index, type, version, length, messages };
        records.push(logged);
        return logged;
    }

    /** Writes, as far as the options let it. */
    private async send(bytes: Uint8Array): Promise<void> {
        const { cutAfter, pieces = Infinity } = this.shared.options;
        const mayBeCut = cutAfter?.direction === this.direction;
        const room = mayBeCut ? cutAfter.bytes - this.sent : Infinity;
        for (let at = 0; at < Math.min(bytes.length, room) && !this.isCut; ) {
            const piece = bytes.subarray(at, Math.min(at + pieces, room));
            await this.write(piece);
            at += piece.length;
            this.sent += piece.length;
            this.shared.bytes[this.direction] += piece.length;
            if (pieces !== Infinity) {
                await turn();
            }
        }
        if (mayBeCut && bytes.length >= room) {
            this.cut(cutAfter.how ?? "fin");
        }
    }

    private async write(bytes: Uint8Array): Promise<void> {
        const { to } = this;
        if (to.destroyed || to.write(bytes)) {
            return;
        }
        await new Promise<void>((resolve) => {
            const go = (): void => {
                to.off("drain", go).off("close", go);
                resolve();
            };
            to.on("drain", go).on("close", go);
        });
    }

    private cut(how: Cut): void {
        if (this.isCut) {
            return;
        }
        this.isCut = true;
        if (how === "reset") {
            this.from.resetAndDestroy();
            this.to.resetAndDestroy();
        } else {
            this.to.end();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * A connection that is meant to fail, and all that has to be true of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TlsError } from "../../modules/errors.ts";
import type { ConnectOptions } from "../../modules/tls.ts";
import type { TLSSocket } from "../../modules/tls_socket.ts";
import type { EspruinoTls } from "../../wasm/node.ts";
import type { Edit } from "./proxy.ts";

/** Written to every socket before its handshake; only a peer that is trusted may ever see it. */
export const EARLY = "early data";

/** What became of it. */
export interface Attempt {
    socket: TLSSocket;
    /** The events but for `data`, such as `secureConnect`, `end`, `error`, `close true`. */
    events: string[];
    /** All plaintext that came. */
    data: Buffer;
    error: TlsError | undefined;
}

/** Connects, writes {@link EARLY}, and waits for `close`, which must come exactly once and last. */
export async function attempt(
    core: EspruinoTls,
    options: ConnectOptions,
    onSecure: (socket: TLSSocket) => void = () => undefined,
): Promise<Attempt> {
    const socket = core.tls.connect(options);
    const result: Attempt = { socket, events: [], data: Buffer.alloc(0), error: undefined };
    socket.write(EARLY);
    socket.on("secureConnect", () => {
        result.events.push("secureConnect");
        onSecure(socket);
    });
    socket.on("data", (data) => {
        result.data = Buffer.concat([result.data, Buffer.from(data, "latin1")]);
    });
    socket.on("end", () => result.events.push("end"));
    socket.on("error", (error) => {
        result.events.push("error");
        result.error = error;
    });
    await new Promise<void>((resolve) => {
        socket.on("close", (hadError) => {
            result.events.push(`close ${hadError}`);
            resolve();
        });
    });
    await sleep(0);
    return result;
}

/** Asserts that every value in the error's sentence was known: `fill` writes "unknown" for others. */
export function assertTold(error: TlsError): void {
    assert.doesNotMatch(error.message, /\bunknown\b(?! option)/);
}

/** Asserts that it ended with that error before anything was sent or received; returns the error. */
export function assertRefused(result: Attempt, code: string): TlsError {
    assert.equal(result.error?.code, code, String(result.error?.stack ?? result.events));
    assert.deepEqual(result.events, ["error", "close true"]);
    assert.equal(result.socket.bytesWritten, 0);
    assert.equal(result.data.length, 0);
    assert.equal(result.socket.authorized, false);
    assert.equal(result.socket.destroyed, true);
    assertTold(result.error);
    return result.error;
}

/** Asserts that the handshake went well, and nothing after it. */
export function assertGood(result: Attempt): void {
    assert.equal(result.error, undefined, String(result.error?.stack));
    assert.equal(result.events[0], "secureConnect");
    assert.equal(result.events.at(-1), "close false");
    assert.equal(result.socket.authorized, true);
}

/** Remembers the heap; the function returned asserts that it is the same again, to the byte. */
export function watchHeap(core: EspruinoTls): () => void {
    const before = core.memory();
    return () => {
        const { inUse, blocks } = core.memory();
        assert.deepEqual({ inUse, blocks }, { inUse: before.inUse, blocks: before.blocks });
    };
}

/** What a client has sent, as the proxy saw it. */
export interface Tap {
    edit: Edit;
    /** Its records, whole. */
    sent: Buffer[];
}

/** Records what passes upwards, and does `edit` if there is one. */
export function tap(edit: Edit = () => undefined): Tap {
    const sent: Buffer[] = [];
    return {
        sent,
        edit: (record, log) => {
            if (log.direction === "up") {
                sent.push(Buffer.from(record.bytes));
            }
            return edit(record, log);
        },
    };
}

/**
 * What is worth seeing of the records that a client has sent: alerts that are not encrypted as
 * their two bytes in hexadecimal, encrypted ones as `sealed`, application data as `data`.
 */
export function alertsIn(sent: Buffer[]): string[] {
    return sent.flatMap((record) => {
        const type = record.readUInt8(0);
        if (type === 21) {
            return record.length === 7 ? record.toString("hex", 5) : "sealed";
        }
        // In TLS 1.3 an encrypted alert has type 23 outside, and 2 + 1 + 16 bytes of content.
        return type !== 23 ? [] : record.length === 24 ? "sealed" : "data";
    });
}

/** Waits until something is so, two seconds at most unless told. */
export async function until(condition: () => boolean, ms = 2000): Promise<void> {
    for (let waited = 0; waited < ms && !condition(); waited += 5) {
        await sleep(5);
    }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * A native session as an object: what `etls_session_*` of native/include/etls.h do, on binary
 * strings in place of addresses.
 *
 * @module
 */

import {
    ENTRY_SESSION_EOF, ENTRY_SESSION_FEED, ENTRY_SESSION_FREE, ENTRY_SESSION_GET,
    ENTRY_SESSION_NEW, ENTRY_SESSION_READ, ENTRY_SESSION_SENT, ENTRY_SESSION_SHUTDOWN,
    ENTRY_SESSION_STEP, ENTRY_SESSION_WRITE, ENTRY_STAT, GET_DATA, GET_DATA_SIZE, GET_OUTPUT_DATA,
    GET_OUTPUT_SIZE,
} from "./abi.gen.ts";
import type { TlsError } from "./errors.ts";
import { ERR_BAD_HOST_NAME } from "./errors.gen.ts";
import type { Binding } from "./host.ts";
import { fetchReport, readReport } from "./report.ts";
import type { Report } from "./report.ts";
import { sessionFailure } from "./session_failure.ts";
import type { Facts } from "./session_failure.ts";

/** Characters of the longest host name: RFC 1035 section 2.3.4, and a final dot. */
const NAME_LIMIT = 254;

/** One native session. After {@link Session.free} every call is a harmless error or 0. */
export class Session {
    private readonly binding: Binding;
    private handle: number;

    /**
     * @param context - a native context
     * @param name - what the peer's certificate is checked against; empty on servers
     * @throws TlsError such as `ETLS_NO_TRUST_ANCHOR`
     */
    constructor(binding: Binding, context: number, name: string) {
        // Before it becomes bytes: U+0161 must not turn into "a".
        if (name.length > NAME_LIMIT || /[^\x01-\x7f]/.test(name)) {
            throw sessionFailure(binding, 0, ERR_BAD_HOST_NAME, { host: name, first: "" });
        }
        const address = name ? binding.put(name, 0, name.length) : 0;
        this.binding = binding;
        this.handle = binding.call(ENTRY_SESSION_NEW, context, address, name.length);
        if (this.handle < 0) throw sessionFailure(binding, 0, this.handle, { host: name, first: "" });
    }

    /** Goes on; returns state bits or an error. */
    step(): number {
        return this.call(ENTRY_SESSION_STEP, 0, 0);
    }

    /** Takes ciphertext from `from` on; returns how many bytes, or an error. */
    feed(data: string | Uint8Array, from: number): number {
        const length = Math.min(data.length - from, this.binding.window);
        return this.call(ENTRY_SESSION_FEED, this.binding.put(data, from, length), length);
    }

    /** Encrypts plaintext from `from` on; returns how many bytes were taken, or an error. */
    write(data: string, from: number): number {
        const length = Math.min(data.length - from, this.binding.window);
        const taken = this.call(ENTRY_SESSION_WRITE, this.binding.put(data, from, length), length);
        this.binding.wipe(length);
        return taken;
    }

    /** The ciphertext that waits to be sent, which is then the caller's. */
    takeOutput(): string {
        const size = this.get(GET_OUTPUT_SIZE);
        if (size <= 0) return "";
        const output = this.binding.get(this.get(GET_OUTPUT_DATA), size);
        this.call(ENTRY_SESSION_SENT, size, 0);
        return output;
    }

    /** The plaintext that waits to be read, which is then the caller's. */
    takeData(): string {
        const size = this.get(GET_DATA_SIZE);
        if (size <= 0) return "";
        const data = this.binding.get(this.get(GET_DATA), size);
        this.call(ENTRY_SESSION_READ, size, 0);
        return data;
    }

    /** Says goodbye; the alert then waits as output. */
    shutdown(): void {
        this.call(ENTRY_SESSION_SHUTDOWN, 0, 0);
    }

    /** Tells that the transport has ended; returns the error that this is, or 0. */
    eof(): number {
        return this.call(ENTRY_SESSION_EOF, 0, 0);
    }

    /** A fact: `GET_…` of the ABI. */
    get(what: number): number {
        return this.handle > 0 ? this.call(ENTRY_SESSION_GET, what, 0) : 0;
    }

    /** A statistic of this session alone: `STAT_…` of the ABI. */
    stat(id: number): number {
        return this.handle > 0 ? this.binding.call(ENTRY_STAT, id, this.handle, 0) : 0;
    }

    /** A report's text: `REPORT_…` of the ABI. */
    text(report: number): string {
        return this.handle > 0 ? readReport(this.binding, this.handle, report) : "";
    }

    /** A report as an object. */
    report(report: number): Report {
        return fetchReport(this.binding, this.handle, report);
    }

    /** Makes the error of a code, with what is known of this session. */
    failure(errno: number, facts: Facts): TlsError {
        return sessionFailure(this.binding, this.handle, errno, facts);
    }

    /** Frees the native side; may be called again. */
    free(): void {
        if (this.handle > 0) this.call(ENTRY_SESSION_FREE, 0, 0);
        this.handle = 0;
    }

    private call(entry: number, a: number, b: number): number {
        return this.binding.call(entry, this.handle, a, b);
    }
}

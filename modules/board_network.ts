// SPDX-License-Identifier: Apache-2.0
/**
 * The network of Espruino's own `net` and `http` by way of ours, on firmware that has the libraries but no TLS:
 * `require("http").get("https://…")`, and every module that uses `http` or `net`.
 *
 * @example
 * ```js
 * require("tls-net").create(require("tls-at").create(Serial1, { tx: D0, rx: D1 }));
 * require("http").get("https://example.org/", function (response) { … }).on("error", function (error) {
 *   print(error.message, require("tls-net").lastError());
 * });
 * ```
 *
 * @module
 */

import { connect, setTransport } from "./board_tls_core.ts";
import type { Stream, Transport } from "./host.ts";

/** In the type of a socket (libs/network/network.h of Espruino). */
const TYPE = 3;
const TYPE_UDP = 2;
const TLS = 4;

/** What the firmware makes events of (socketerrors.h). */
const CLOSED = -1;
const RESET = -9;
const NO_CONNECTION = -11;
const HANDSHAKE_FAILED = -13;

/** Bytes that may wait for the firmware to take them. */
const LIMIT = 4096;

interface Link {
    stream: Stream | undefined;
    ready: boolean;
    blocked: boolean;
    paused: boolean;
    data: string;
    /** Why nothing more comes; 0 while it may. */
    over: number;
}

const links: { [id: number]: Link | undefined } = {};
let last = 0;
let reason: unknown;

/** Why the newest connection that failed did so: the firmware passes on a number only. */
export const lastError = function (): unknown {
    return reason;
};

const attach = function (link: Link, stream: Stream, failed: number): void {
    link.stream = stream;
    stream.on("data", function (data) {
        link.data += data as string;
        link.paused = link.data.length > LIMIT;
        if (link.paused && stream.pause) stream.pause();
    });
    stream.on("drain", function () {
        link.blocked = false;
    });
    stream.on("error", function (error) {
        reason = error;
        link.over = link.ready ? RESET : failed;
    });
    stream.on("close", function () {
        link.over = link.over || CLOSED;
    });
};

/** Takes what the firmware asks for: `require("NetworkJS").create`. */
const driver = function (transport: Transport): object {
    return {
        create: function (host: string | undefined, port: number, type: number, options: object | undefined) {
            if (host === undefined || (type & TYPE) === TYPE_UDP) return -1;
            const link: Link = { stream: undefined, ready: false, blocked: false, paused: false, data: "", over: 0 };
            const ready = function (): void {
                link.ready = true;
            };
            last += 1;
            links[last] = link;
            if (type & TLS) {
                const to = Object.assign({}, options || {}, { host, port });
                attach(link, connect(to, ready) as Stream, HANDSHAKE_FAILED);
            } else {
                attach(link, transport.connect({ host, port }, ready), RESET);
            }
            return last;
        },
        close: function (id: number) {
            const link = links[id];
            delete links[id];
            if (link && link.stream) link.stream.end();
        },
        accept: function () {
            return -1;
        },
        recv: function (id: number, most: number) {
            const link = links[id];
            if (!link) return CLOSED;
            if (link.data === "") return link.over || (link.ready ? "" : NO_CONNECTION);
            const data = link.data.substr(0, most);
            link.data = link.data.substr(most);
            if (link.paused && link.data === "" && link.stream && link.stream.resume) {
                link.paused = false;
                link.stream.resume();
            }
            return data;
        },
        send: function (id: number, data: string) {
            const link = links[id];
            if (!link || !link.stream) return CLOSED;
            if (link.over) return link.over;
            if (!link.ready || link.blocked) return 0;
            link.blocked = link.stream.write(data) === false;
            return data.length;
        },
    };
};

/**
 * Makes a transport the network of the firmware, and of `tls`. It must not be made of the firmware's own
 * network, which is no more from then on.
 */
export const create = function (transport: Transport): void {
    setTransport(transport);
    (require("NetworkJS") as { create(driver: object): void }).create(driver(transport));
};

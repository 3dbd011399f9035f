// SPDX-License-Identifier: Apache-2.0
/**
 * The package's main module in browsers: no sockets of its own, so a program gives a stream as
 * option `socket`, or a transport, for example over a WebSocket.
 *
 * @module
 */
import { failure } from "../modules/errors.ts";
import { ERR_UNSUPPORTED } from "../modules/errors.gen.ts";
import { openOn } from "./api.ts";
import type { EspruinoTls } from "./api.ts";
import type { OpenOptions, Platform } from "./host.ts";

export type { EspruinoTls, FullTls } from "./api.ts";
export type { OpenOptions } from "./host.ts";

/** The platform, for the default instance. @internal */
export const browserPlatform: Platform = {
    transport: {
        connect() {
            throw failure(ERR_UNSUPPORTED, { detail: "a browser has no TCP; give option socket or transport" });
        },
    },
    defaultCA: () => [],
    readFile: () => undefined,
};

/**
 * Starts a core with an arena of its own.
 *
 * @throws TlsError `ETLS_BAD_ARENA`, `ETLS_CORE_FAILED`.
 */
export const open = function (options: OpenOptions = {}): Promise<EspruinoTls> {
    return openOn(browserPlatform, options);
};

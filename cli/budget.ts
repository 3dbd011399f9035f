// SPDX-License-Identifier: Apache-2.0
/**
 * How much memory a request needs that was refused some.
 *
 * @module
 */
import { MAX_RECORD_IN } from "../modules/budget.gen.ts";
import type { MemoryUsage } from "../modules/memory.ts";
import type { ConnectOptions } from "../modules/tls.ts";
import { parseUrl } from "../modules/url.ts";
import { open } from "../wasm/node.ts";
import type { Request } from "./exchange.ts";

/** An arena in which any handshake fits. */
const AMPLE = 2 * 1024 * 1024;

/** A record of the largest size with its header and tag. */
const LARGEST_RECORD = MAX_RECORD_IN + 256;

/** Budgets are proposed in steps of so many bytes. */
const STEP = 1024;
const TRIES = 12;

/** Connects in an arena of so many bytes; what is in use then, or undefined if it failed. */
const connectIn = async function (
    wanted: Request,
    arena: number,
): Promise<MemoryUsage | undefined> {
    const { host, port } = parseUrl(wanted.url);
    const core = await open({ arena, roots: wanted.roots });
    // Those options that are HTTP's do not disturb.
    const options = { ...wanted.options, host, port: port ?? 443 } as ConnectOptions;
    return new Promise((resolve) => {
        const socket = core.tls.connect(options, () => {
            resolve(core.memory());
            socket.end();
        });
        socket.on("error", () => resolve(undefined));
        socket.on("timeout", () => socket.destroy());
    });
};

/**
 * A budget, in bytes, that is enough for a request whatever records the server sends. It is tried
 * out by handshakes with the server; nothing is requested. Undefined when these fail.
 */
export const sufficientBudget = async function (wanted: Request): Promise<number | undefined> {
    const ample = await connectIn(wanted, AMPLE);
    if (!ample) return undefined;
    // A server may answer before it has read all: then one record waits in each direction.
    const sent = wanted.body ? Math.min(wanted.body.length + 1024, LARGEST_RECORD) : 0;
    const records = LARGEST_RECORD + sent;
    const least = ample.overhead + Math.max(ample.peak, ample.inUse + records);
    let budget = Math.ceil(least / STEP) * STEP;
    // In less memory there are more and smaller gaps, so what is enough in sum may not be enough.
    for (let tries = 0; tries < TRIES; tries += 1) {
        const tight = await connectIn(wanted, budget);
        if (tight && tight.largestFree >= records) return budget;
        budget += STEP;
    }
    return undefined;
};

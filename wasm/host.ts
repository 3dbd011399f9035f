// SPDX-License-Identifier: Apache-2.0
/**
 * The host of the WebAssembly core: starts it and holds its binding.
 *
 * @module
 */
import { restoreSeed } from "../modules/entropy.ts";
import type { SeedStore } from "../modules/entropy.ts";
import type { Host, Transport } from "../modules/host.ts";
import type { SntpHost } from "../modules/sntp.ts";
import { openBinding } from "./binding.ts";
import type { OpenBinding } from "./binding.ts";
import { Clock } from "./clock.ts";
import type { EntropySource, Port } from "./loader.ts";

/** Bytes of the arena when {@link OpenOptions.arena} says nothing: a dozen busy connections. */
export const DEFAULT_ARENA = 256 * 1024;

/** Bytes of the store when {@link OpenOptions.store} says nothing: room for all public roots. */
export const DEFAULT_STORE = 256 * 1024;

/** How a core is started. */
export interface OpenOptions {
    /** Bytes of memory for everything that TLS does, the budget; 8,192 to 60,000,000. Default 262,144. */
    arena?: number | undefined;
    /**
     * Bytes that play the part of a board's flash: certificates are kept there, once each, and read
     * in place, so that they take nothing of the arena. Default 262,144; 0 copies them into the arena.
     */
    store?: number | undefined;
    /** Fills bytes with randomness, `false` when there is none. Default: the platform's generator. */
    random?: ((out: Uint8Array) => boolean) | undefined;
    /** Noise sources in place of `random`, two at most: to try those of a board. */
    sources?: EntropySource[] | undefined;
    /** Keeps a seed over restarts, as a board's Storage does. Default: none. */
    seed?: SeedStore | undefined;
    /** Milliseconds since 1970, 0 when the clock is not set. Default: `Date.now`. */
    now?: (() => number) | undefined;
    /**
     * What is trusted when a connection names no `ca`, under Node: `"common"` (default) the roots that
     * a board carries, for 99 % of public servers; `"all"` every root of Node's own store.
     */
    roots?: "common" | "all" | undefined;
    /** Moves ciphertext. Default: TCP under Node, none in browsers. */
    transport?: Transport | undefined;
}

/** What a platform brings along. */
export interface Platform extends Pick<Host, "readFile" | "describe" | "decryptKeys"> {
    transport: Transport;
    defaultCA(roots: "common" | "all"): string[];
    /** Starts a core elsewhere than in WebAssembly, as {@link openBinding} does there. */
    bind?(arena: number, store: number, port: Port): Promise<OpenBinding>;
    /** How time servers are reached. */
    sntp?: Pick<SntpHost, "open">;
}

/** A host whose core can be closed. */
export interface WasmHost extends Host {
    binding: OpenBinding | undefined;
    /** Sets the core's clock, milliseconds since 1970. */
    setTime(ms: number): void;
    /** How time servers are reached; undefined: over a stream of the program's alone. */
    sntp: Pick<SntpHost, "open"> | undefined;
}

/** Entropy from the platform's generator: the Web Crypto API, in Node and browsers alike. */
const platformRandom = function (out: Uint8Array): boolean {
    // The core's memory may be shared memory to the API; it takes no views of such.
    out.set(crypto.getRandomValues(new Uint8Array(out.length)));
    return true;
};

/** Makes a host; its core is started when somebody first asks whether it is ready. */
export const startHost = function (platform: Platform, options: OpenOptions): WasmHost {
    const clock = new Clock(options.now ?? Date.now);
    const port: Port = {
        random: options.random ?? platformRandom,
        sources: options.sources,
        now: () => clock.now(),
    };
    const waiting: ((error?: unknown) => void)[] = [];
    let failed: unknown;
    let started = false;
    const host: WasmHost = {
        transport: options.transport ?? platform.transport,
        binding: undefined,
        defaultCA: () => platform.defaultCA(options.roots ?? "common"),
        readFile: (name) => platform.readFile(name),
        setTime: (ms) => clock.set(ms),
        sntp: platform.sntp,
        ...(platform.describe ? { describe: platform.describe } : {}),
        ...(platform.decryptKeys ? { decryptKeys: platform.decryptKeys } : {}),
        ready(callback) {
            if (host.binding !== undefined || failed !== undefined) callback(failed);
            else waiting.push(callback);
            if (!started) start();
        },
    };
    const settle = function (error?: unknown): void {
        failed = error;
        for (const callback of waiting.splice(0)) callback(error);
    };
    const start = function (): void {
        started = true;
        const bind = platform.bind ?? openBinding;
        bind(options.arena ?? DEFAULT_ARENA, options.store ?? DEFAULT_STORE, port).then(
            (binding) => {
                if (options.seed) restoreSeed(binding, options.seed);
                host.binding = binding;
                settle();
            },
            (error: unknown) => settle(error ?? new Error("unknown")),
        );
    };
    return host;
};

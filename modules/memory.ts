// SPDX-License-Identifier: Apache-2.0
/**
 * What the arena tells of itself.
 *
 * @module
 */

import {
    ENTRY_STAT, STAT_ALLOCATIONS, STAT_ARENA, STAT_BLOCKS, STAT_FREE, STAT_IN_USE,
    STAT_LARGEST_FREE, STAT_LARGEST_REFUSED, STAT_LAST_FREE, STAT_LAST_LARGEST, STAT_LAST_REFUSED,
    STAT_MAX_HANDLES, STAT_OVERHEAD, STAT_PEAK, STAT_PEAK_CERTIFICATE, STAT_PEAK_DATA, STAT_PEAK_HELLO,
    STAT_PEAK_KEY_EXCHANGE, STAT_PEAK_SETUP, STAT_REFUSED, STAT_SIGNATURES,
} from "./abi.gen.ts";
import type { Values } from "./errors.ts";
import type { Binding } from "./host.ts";

/** The most bytes in use, by phase. */
export interface MemoryPhases {
    /** Contexts and sessions are made. */
    setup: number;
    /** Hellos are exchanged. */
    hello: number;
    /** The peer's chain is read and verified. */
    certificate: number;
    /** Keys are agreed and signed, the handshake is finished. */
    keyExchange: number;
    /** Data is sent and received. */
    data: number;
}

/** Bytes and counts of the arena; bytes include the allocator's own 4 for each block. */
export interface MemoryUsage {
    /** Bytes given to the core. */
    size: number;
    /** Bytes of these that hold the core itself. */
    overhead: number;
    /** Bytes in use beyond the overhead. */
    inUse: number;
    /** The most that were in use since the last reset. */
    peak: number;
    /** Bytes free in all. */
    free: number;
    /** Bytes of the largest free piece. */
    largestFree: number;
    /** Allocations refused since the last reset. */
    refused: number;
    /** Bytes of the largest of these. */
    largestRefused: number;
    /** The most in use since the last reset, by what was going on. */
    phases: MemoryPhases;
    /** Allocations since the last reset. */
    allocations: number;
    /** Allocations alive now. */
    blocks: number;
    /** Signatures made and verified since the last reset: the costly part of a full handshake. */
    signatures: number;
}

const statistic = function (binding: Binding, id: number): number {
    return binding.call(ENTRY_STAT, id, 0, 0);
};

/** Reads the arena's statistics; all 0 while there is no core. */
export const memoryUsage = function (binding: Binding | undefined): MemoryUsage {
    const stat = function (id: number): number {
        return binding ? statistic(binding, id) : 0;
    };
    return {
        size: stat(STAT_ARENA),
        overhead: stat(STAT_OVERHEAD),
        inUse: stat(STAT_IN_USE),
        peak: stat(STAT_PEAK),
        free: stat(STAT_FREE),
        largestFree: stat(STAT_LARGEST_FREE),
        refused: stat(STAT_REFUSED),
        largestRefused: stat(STAT_LARGEST_REFUSED),
        phases: {
            setup: stat(STAT_PEAK_SETUP),
            hello: stat(STAT_PEAK_HELLO),
            certificate: stat(STAT_PEAK_CERTIFICATE),
            keyExchange: stat(STAT_PEAK_KEY_EXCHANGE),
            data: stat(STAT_PEAK_DATA),
        },
        allocations: stat(STAT_ALLOCATIONS),
        blocks: stat(STAT_BLOCKS),
        signatures: stat(STAT_SIGNATURES),
    };
};

/** What an error about memory or handles is filled with. */
export const memoryValues = function (binding: Binding): Values {
    return {
        needed: statistic(binding, STAT_LAST_REFUSED),
        free: statistic(binding, STAT_LAST_FREE),
        arena: statistic(binding, STAT_ARENA),
        largest: statistic(binding, STAT_LAST_LARGEST),
        limit: statistic(binding, STAT_MAX_HANDLES),
    };
};

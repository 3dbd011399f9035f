// SPDX-License-Identifier: Apache-2.0
/**
 * What each call into a core on an emulated chip costs, and in which phase of a handshake it was.
 *
 * @module
 */
import {
    ENTRY_NAMES, ENTRY_SESSION_GET, ENTRY_SESSION_NEW, ENTRY_SESSION_STEP, ENTRY_STAT, ENTRY_STAT_RESET,
    ESTABLISHED, GET_PHASE, STAT_IN_USE, STAT_PEAK,
} from "../../modules/abi.gen.ts";
import type { Cost, ImageBinding } from "../../native/emulated/binding.ts";
import type { Version } from "./servers.ts";

/** Phases that cycles are told for, in the order of a handshake. */
export const PHASES = ["setup", "keyshare", "certificate", "keyexchange", "finished"] as const;

/** One of them, or `data` when the handshake is over. */
export type Phase = (typeof PHASES)[number] | "data";

/**
 * Mbed TLS's handshake states (`mbedtls_ssl_states` in its ssl.h) by phase; the others are `finished`.
 * The client's hello holds its key share for TLS 1.3, whichever version the server then takes.
 */
const STATES: Record<Version, Record<number, Phase>> = {
    "1.2": {
        0: "keyshare", 1: "keyshare", 2: "keyshare", 3: "certificate", // SERVER_CERTIFICATE
        4: "keyexchange", 5: "keyexchange", 6: "keyexchange", 7: "keyexchange", 8: "keyexchange", 9: "keyexchange",
    },
    "1.3": {
        0: "keyshare", 1: "keyshare", 2: "keyexchange", // SERVER_HELLO: the shared secret
        3: "certificate", 5: "certificate", 9: "keyexchange", // CERTIFICATE_VERIFY
        18: "keyshare", 19: "keyexchange",
    },
};

/** One call. */
export interface Call extends Cost {
    /** Its entry's name, without `etls_`. */
    entry: string;
    /** Its arguments. */
    args: [number, number, number];
    /** What it was for. */
    phase: Phase;
    /** Bytes of heap in use after it; only when the meter looks at the heap. */
    inUse: number;
    /** The most in use during it; likewise. */
    peak: number;
}

/** Listens to a binding from when it is made. */
export class Meter {
    /** All calls so far but for those that only ask. */
    readonly calls: Call[] = [];

    /**
     * @param version - of the handshakes to come
     * @param heap - look at the heap too, which sets the core's own peaks back
     */
    constructor(binding: ImageBinding, version: Version, heap = false) {
        const call = binding.call.bind(binding);
        const established = new Set<number>();
        const phaseOf = (entry: number, session: number): Phase => {
            if (established.has(session)) return "data";
            if (entry === ENTRY_SESSION_NEW || !(ENTRY_NAMES[entry] ?? "").startsWith("etls_session_")) return "setup";
            return STATES[version][call(ENTRY_SESSION_GET, session, GET_PHASE, 0)] ?? "finished";
        };
        binding.call = (entry, a, b, c) => {
            const phase = phaseOf(entry, a);
            const cost: Cost = { cycles: 0, stack: 0 };
            binding.onCall = (which, paid) => which === entry && Object.assign(cost, paid);
            const result = call(entry, a, b, c);
            binding.onCall = undefined;
            if (entry === ENTRY_SESSION_STEP && result > 0 && result & ESTABLISHED) established.add(a);
            const inUse = heap ? call(ENTRY_STAT, STAT_IN_USE, 0, 0) : 0;
            const peak = heap ? call(ENTRY_STAT, STAT_PEAK, 0, 0) : 0;
            if (heap) call(ENTRY_STAT_RESET, 0, 0, 0);
            const name = (ENTRY_NAMES[entry] ?? "").replace("etls_", "");
            this.calls.push({ entry: name, args: [a, b, c], phase, inUse, peak, ...cost });
            return result;
        };
    }

    /** The deepest stack of each entry, bytes. */
    stacks(): Record<string, number> {
        const deepest: Record<string, number> = {};
        for (const { entry, stack } of this.calls) deepest[entry] = Math.max(deepest[entry] ?? 0, stack);
        return deepest;
    }

    /** The calls of the handshake of the first session that was made after so many calls, from the one that made it. */
    handshake(after = 0): Call[] {
        const calls = this.calls.slice(after);
        const start = Math.max(calls.findIndex(({ entry }) => entry === "session_new"), 0);
        const end = calls.findIndex(({ phase }, at) => at > start && phase === "data");
        return calls.slice(start, end < 0 ? undefined : end);
    }

    /** Cycles of that handshake by phase. */
    phases(after = 0): Record<string, number> {
        const cycles: Record<string, number> = {};
        for (const call of this.handshake(after)) cycles[call.phase] = (cycles[call.phase] ?? 0) + call.cycles;
        return cycles;
    }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * A whole life of one end of a connection in which each and every allocation is refused once: each
 * call is made again and again from the same bytes of memory, with the first allocation refused, then the
 * second and so on, and at last as it was meant.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as abi from "../../modules/abi.gen.ts";
import type { OpenBinding } from "../../wasm/binding.ts";
import { Core, nameOf } from "./abi.ts";
import { assertEmpty, begin, live, Peer, type Case } from "./sweep.ts";

/** What came of a sweep. */
export interface Swept {
    /** Allocations of the life, each of which this thread or another has refused. */
    allocations: number;
    /** Those refused here. */
    faults: number;
    /** Those after which the call could be made again, and worked. */
    retried: number;
    /** Those without which the call did what it was meant to: texts are moved down only where there is room. */
    spared: number;
}

/** Which part of a sweep: every `step`-th allocation from number `first` on. */
export interface Share {
    /** The connection that memory runs out for. */
    one: Case;
    /** The one that is made after each fault. */
    next: Case;
    first: number;
    step: number;
    /** What the clock says all the time, milliseconds since 1970: two shares do the same. */
    now: number;
}

/** After every so many faults the next connection is made in full; after the others it is begun. */
const FULL = 8;

/** More than any call allocates. */
const NEVER = 1_000_000_000;

/** What may run out of memory and be called again: nothing has happened. */
const REPEATABLE: ReadonlySet<number> = new Set([
    abi.ENTRY_CONTEXT_NEW, abi.ENTRY_CONTEXT_SET, abi.ENTRY_CONTEXT_ADD_CA, abi.ENTRY_CONTEXT_ADD_CERT,
    abi.ENTRY_CONTEXT_SET_KEY, abi.ENTRY_CONTEXT_ADD_ALPN, abi.ENTRY_SESSION_NEW, abi.ENTRY_SESSION_WRITE,
    abi.ENTRY_SESSION_SHUTDOWN, abi.ENTRY_REPORT,
]);

const isBirth = (entry: number): boolean => entry === abi.ENTRY_CONTEXT_NEW || entry === abi.ENTRY_SESSION_NEW;
const isDeath = (entry: number): boolean => entry === abi.ENTRY_CONTEXT_FREE || entry === abi.ENTRY_SESSION_FREE;

/** The same noise after the same state: what is called again goes the same way. */
class Noise {
    state = 1;
    /** The core's memory, once it has asked for noise. */
    memory: Uint8Array | undefined;

    readonly random = (out: Uint8Array): boolean => {
        this.memory ??= new Uint8Array(out.buffer);
        for (let at = 0; at < out.length; at += 1) {
            this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
            out[at] = this.state >>> 24;
        }
        return true;
    };
}

/** Makes calls run out of memory at every allocation in turn before they do what they should. */
class Sweeper {
    readonly result: Swept = { allocations: 0, faults: 0, retried: 0, spared: 0 };
    private readonly alive = new Set<number>();
    private readonly binding: OpenBinding;
    private readonly noise: Noise;
    private readonly share: Share;
    private readonly afterFault: (what: string, faults: number) => void;

    constructor(binding: OpenBinding, noise: Noise, share: Share, afterFault: (what: string, faults: number) => void) {
        this.binding = binding;
        this.noise = noise;
        this.share = share;
        this.afterFault = afterFault;
    }

    call(entry: number, a: number, b: number, c: number): number {
        const before = this.snapshot();
        this.fault(NEVER);
        const meant = this.binding.call(entry, a, b, c);
        const count = NEVER - this.fault(0);
        const after = count > 0 ? this.snapshot() : before;
        for (let number = 1; number <= count; number += 1) {
            this.result.allocations += 1;
            if ((this.result.allocations - this.share.first) % this.share.step !== 0) continue;
            this.restore(before);
            this.refuse(number, [entry, a, b, c], meant);
        }
        if (count > 0) this.restore(after);
        if (isBirth(entry) && meant > 0) this.alive.add(meant);
        if (isDeath(entry)) this.alive.delete(a);
        return meant;
    }

    private fault(count: number): number {
        return this.binding.call(abi.ENTRY_FAULT, count, 0, 0);
    }

    private snapshot(): { bytes: Uint8Array; noise: number } {
        return { bytes: (this.noise.memory as Uint8Array).slice(), noise: this.noise.state };
    }

    private restore(to: { bytes: Uint8Array; noise: number }): void {
        (this.noise.memory as Uint8Array).set(to.bytes);
        this.noise.state = to.noise;
    }

    /** One call in which memory runs out: it says so; where it can be made again, it works. */
    private refuse(number: number, call: [number, number, number, number], meant: number): void {
        const [entry] = call;
        const what = `allocation ${number} of ${abi.ENTRY_NAMES[entry]}, ${this.result.allocations} in all`;
        this.binding.call(abi.ENTRY_STAT_RESET, 0, 0, 0);
        this.fault(number);
        const result = this.binding.call(...call);
        assert.equal(this.fault(0), 0, what);
        assert.equal(this.binding.call(abi.ENTRY_STAT, abi.STAT_REFUSED, 0, 0), 1, what);
        this.result.faults += 1;
        const born = new Set(this.alive);
        if (entry === abi.ENTRY_SESSION_STEP && result === meant) {
            this.result.spared += 1;
        } else {
            assert.equal(nameOf(result), "OUT_OF_MEMORY", what);
            this.goOn(call, meant, born, what);
        }
        this.freeAll(born, what);
        this.afterFault(what, this.result.faults);
    }

    /** What may follow an error: the session has ended, or the call works when it is made again. */
    private goOn(call: [number, number, number, number], meant: number, born: Set<number>, what: string): void {
        const [entry, handle] = call;
        if (this.hasEnded(entry, handle)) {
            assert.equal(nameOf(this.binding.call(abi.ENTRY_SESSION_STEP, handle, 0, 0)), "OUT_OF_MEMORY", what);
        } else {
            assert.ok(REPEATABLE.has(entry), `${what}: the session goes on`);
            const again = this.binding.call(...call);
            assert.equal(again < 0, meant < 0, `${what}, again: ${nameOf(again)}`);
            if (isBirth(entry)) born.add(again);
            this.result.retried += 1;
        }
    }

    /** Whether the call was one of a session that an error has ended. */
    private hasEnded(entry: number, handle: number): boolean {
        const isSession = entry >= abi.ENTRY_SESSION_STEP && entry <= abi.ENTRY_SESSION_GET;
        return isSession && this.binding.call(abi.ENTRY_SESSION_GET, handle, abi.GET_ERROR, 0) !== 0;
    }

    /** Frees the report and all handles, the youngest first: a session is younger than its context. */
    private freeAll(born: ReadonlySet<number>, what: string): void {
        assert.equal(this.binding.call(abi.ENTRY_REPORT, 0, 0, 0), 0, what);
        for (const one of [...born].reverse()) {
            const isSession = this.binding.call(abi.ENTRY_SESSION_FREE, one, 0, 0) === 0;
            if (!isSession) assert.equal(this.binding.call(abi.ENTRY_CONTEXT_FREE, one, 0, 0), 0, what);
        }
    }
}

/**
 * Refuses every `step`-th allocation of a life from number `first` on. Each time the call says
 * OUT_OF_MEMORY and either works when it is made again or has ended its session, or it can do without; the
 * arena is then empty to the byte, and the next connection works.
 */
export async function sweepCalls(share: Share): Promise<Swept> {
    const noise = new Noise();
    const now = (): number => share.now;
    const core = await Core.open(65536, { random: noise.random, now });
    const peer = new Peer(await Core.open(1 << 17, { random: new Noise().random, now }));
    const largest = core.stat(abi.STAT_LARGEST_FREE);
    const expected = live(core, peer, share.one);
    assert.ok(noise.memory !== undefined && expected !== undefined);
    const sweeper = new Sweeper(core.binding, noise, share, (what, faults) => {
        assertEmpty(core, largest, what);
        const next = faults % FULL === 0 ? live(core, peer, share.next) : begin(core, share.next);
        assert.ok(next, `the connection after ${what}`);
        assertEmpty(core, largest, `the connection after ${what}`);
    });
    const swept = new Core({ ...core.binding, call: (entry, a, b, c) => sweeper.call(entry, a, b, c) });
    assert.equal(live(swept, peer, share.one), expected);
    core.close();
    peer.core.close();
    return sweeper.result;
}

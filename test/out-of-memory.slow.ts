// SPDX-License-Identifier: Apache-2.0
/**
 * Memory that runs out at each and every allocation of a whole life of a connection, one after the
 * other: contexts, handshake, exchange, close; TLS 1.2 and 1.3; client and server, both with
 * certificates. After each of them the arena is empty to the byte, and the next connection begins with its
 * hello; after every eighth it is made in full. Shared among as many threads as there are processors.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { before, describe, it } from "mocha";
import { skipWithout } from "./support/processes.ts";
import { CASES, kinds, type Case, type Kind } from "./support/sweep.ts";
import type { Share, Swept } from "./support/sweep-calls.ts";

/** Lets a thread do its share. */
function work(share: Share): Promise<Swept> {
    return new Promise((resolve, reject) => {
        const file = new URL("./support/sweep-worker.js", import.meta.url);
        const worker = new Worker(file, { workerData: share });
        worker.once("message", resolve);
        worker.once("error", reject);
    });
}

describe("out of memory at every allocation", function () {
    this.timeout(7_200_000);
    let all: { ec: Kind; rsa: Kind };

    before(async function () {
        skipWithout(this, "openssl");
        all = await kinds();
    });

    for (const { name, kind, version, role } of CASES) {
        it(`${name}: a clean error, nothing lost, the next one works`, async () => {
            const one: Case = { kind: all[kind], version, role };
            const next: Case = { ...one, kind: all.ec, anonymous: true };
            const step = availableParallelism();
            const now = Date.now();
            const shares = Array.from({ length: step }, (_, n) => ({ one, next, first: n + 1, step, now }));
            const results = await Promise.all(shares.map(work));
            const sum = (what: keyof Swept): number => results.reduce((n, part) => n + part[what], 0);
            console.log(
                `      ${sum("faults")} allocations: ${sum("retried")} in calls that worked when made again, ` +
                    `${sum("spared")} that could be done without`,
            );
            assert.ok(sum("spared") <= 8, `${sum("spared")} were not noticed`);
            assert.ok(results.every(({ allocations }) => allocations === results[0]?.allocations));
            assert.equal(sum("faults"), results[0]?.allocations, "each and every one");
            assert.ok(sum("faults") > 1000);
        });
    }
});

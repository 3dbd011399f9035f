// SPDX-License-Identifier: Apache-2.0
/**
 * Memory that runs out at one allocation of a whole life of a connection: contexts, handshake, exchange,
 * close. A sample of the allocations, not each and every one.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { CLIENT, SERVER } from "../modules/abi.gen.ts";
import { skipWithout } from "./support/processes.ts";
import { CASES, kinds, sweep, type Case, type Kind } from "./support/sweep.ts";

/** Every so many allocations; a prime, so that loops are met at different places. */
const STEP = { ec: 1409, rsa: 661 };

describe("out of memory at one allocation", function () {
    this.timeout(60_000);
    let all: { ec: Kind; rsa: Kind };

    before(async function () {
        skipWithout(this, "openssl");
        all = await kinds();
    });

    for (const { name, kind, version, role } of CASES) {
        it(`${name}: a clean error, nothing lost, the next one works`, async () => {
            const one: Case = { kind: all[kind], version, role };
            const next: Case = { ...one, kind: all.ec };
            const faults = await sweep(one, next, 200 + role, STEP[kind]);
            assert.ok(faults > 5, `${faults} faults`);
        });
    }

    it("what is made but once, and contexts, and the begin of a handshake", async () => {
        const one: Case = { kind: all.ec, version: 0x304, role: CLIENT };
        assert.equal(await sweep(one, one, 1, 8, 200, true), 25);
        assert.equal(await sweep({ ...one, role: SERVER }, one, 3, 25, 300, true), 12);
    });
});

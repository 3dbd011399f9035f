// SPDX-License-Identifier: Apache-2.0
/** The seed that a board keeps over restarts, with a Storage that refuses what Espruino's refuses. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { ENTRY_ENTROPY_ADD } from "../modules/abi.gen.ts";
import type { TlsError } from "../modules/errors.ts";
import { seedCore } from "../modules/board_seed.ts";
import { openBinding } from "../wasm/binding.ts";
import type { Port } from "../wasm/loader.ts";
import { PORT } from "./support/abi.ts";

const NAME = "tls-seed";
const [SEED, SIZE] = [32, 1028];

/** Espruino's Storage (jsflash.c), as far as seeds need it. */
class FakeStorage {
    files = new Map<string, string>();
    made = 0;
    free = 1_000_000;

    read(name: string): string | undefined {
        return this.files.get(name);
    }
    erase(name: string): void {
        this.files.delete(name);
    }
    getFree(): number {
        return this.free;
    }
    write(name: string, data: string, offset: number, size: number): boolean {
        let file = this.files.get(name);
        if (offset === 0) {
            assert.ok(this.free >= size + 32, "this would compact Storage");
            this.made += 1;
            this.free -= size + 32;
            file = "\xff".repeat(size);
        }
        assert.ok(file !== undefined && offset + data.length <= file.length);
        const there = file.slice(offset, offset + data.length);
        assert.match(there, /^\xff*$/, "File already written with different data");
        this.files.set(name, file.slice(0, offset) + data + file.slice(offset + data.length));
        return true;
    }
}

describe("the seed that a board keeps", () => {
    let storage = new FakeStorage();
    const board = globalThis as unknown as Record<string, unknown>;
    const kept = { require: board["require"], getSerial: board["getSerial"] };

    before(() => {
        board["require"] = (name: string) => (assert.equal(name, "Storage"), storage);
        board["getSerial"] = () => "e6614c31-1b7a6f2d";
    });
    after(() => void Object.assign(board, kept));

    /** Starts a core as a board does; returns what it was given. */
    const start = async (port: Port = PORT, credit = 0): Promise<string[]> => {
        const binding = await openBinding(65536, 0, port);
        const given: string[] = [];
        seedCore({
            ...binding,
            call: (entry, a, b, c) => {
                if (entry === ENTRY_ENTROPY_ADD) {
                    assert.equal(c, given.length > 0 && b === 256 ? credit : 0, "it is worth no bits");
                    given.push(binding.get(a, b));
                }
                return binding.call(entry, a, b, c);
            },
        });
        binding.close();
        return given;
    };
    const seedAt = (index: number): string => storage.files.get(NAME)?.substr(4 + index * SEED, SEED) ?? "";

    it("the first start finds none, and each other one that of the last, once", async () => {
        storage = new FakeStorage();
        let last: string | undefined;
        const seen = new Set<string>();
        for (let number = 0; number < 70; number += 1) {
            const given = await start();
            assert.deepEqual(given, ["e6614c31-1b7a6f2d", ...(last === undefined ? [] : [last])], `start ${number}`);
            last = seedAt(number % 32);
            assert.equal(storage.files.get(NAME)?.length, SIZE);
            seen.add(last);
        }
        assert.equal(seen.size, 70);
        assert.equal(storage.made, 3, "a file for 32 starts");
    });

    it("without room nothing is written or erased", async () => {
        storage = new FakeStorage();
        for (let number = 0; number < 32; number += 1) await start();
        storage.free = SIZE;
        const before = storage.files.get(NAME);
        const last = seedAt(31);
        for (let again = 0; again < 2; again += 1) assert.deepEqual((await start())[1], last);
        assert.equal(storage.files.get(NAME), before);
    });

    it("Storage that cannot be written keeps no start from its work", async () => {
        storage = new FakeStorage();
        storage.write = () => {
            throw new Error("Unable to write");
        };
        assert.equal((await start()).length, 1);
    });

    it("a core without a source of its own is seeded by E.hwRand, and not by one that is stuck", async () => {
        storage = new FakeStorage();
        let words = 0;
        board["E"] = { hwRand: () => Math.imul((words += 1), 0x9e3779b1) };
        const given = await start({ ...PORT, sources: [] }, 16);
        assert.deepEqual([given.length, words], [33, 2048]);
        assert.notEqual(seedAt(0), "", "the generator gives numbers");
        board["E"] = { hwRand: () => 4 };
        await assert.rejects(start({ ...PORT, sources: [] }, 16), (error: TlsError) => error.code === "ETLS_ENTROPY_FAILED");
        delete board["E"];
    });

    it("a start that broke off with the file made and no seed in it", async () => {
        storage = new FakeStorage();
        storage.write(NAME, "etls", 0, SIZE);
        assert.equal((await start()).length, 1);
        assert.notEqual(seedAt(0), "\xff".repeat(SEED));
    });
});

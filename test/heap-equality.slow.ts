// SPDX-License-Identifier: Apache-2.0
import { describe } from "mocha";
import { comparesHeaps } from "./support/heap-equality.ts";

describe("the heap in WebAssembly and on the RP2040, the rest", () => {
    comparesHeaps({ version: "1.2", chain: "rsa", clientCertificate: true });
    comparesHeaps({ version: "1.3", chain: "ec", clientCertificate: true });
    comparesHeaps({ version: "1.3", chain: "rsa", clientCertificate: true });
});

// SPDX-License-Identifier: Apache-2.0
/** The image of the RP2040 in the emulator: handshakes, an exchange, refusals. */
import { chipSuite } from "./support/chip-suite.ts";

chipSuite("rp2040", []);

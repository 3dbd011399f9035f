// SPDX-License-Identifier: Apache-2.0
/**
 * What is behind `require("tls")` on a board, once something of it is used.
 *
 * @module
 */

import { boardHost } from "./board_host.ts";
import { createTls } from "./tls.ts";

const board = boardHost();

/** Replaces what moves ciphertext, for connections from now on. */
export const setTransport = board.setTransport;

const api = createTls(board.host);
export const connect = api.connect;
export const createSecureContext = api.createSecureContext;
export const memory = api.memory;
export const resetMemory = api.resetMemory;
export const entropy = api.entropy;

// SPDX-License-Identifier: Apache-2.0
/**
 * A thread that does one share of a sweep.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { sweepCalls, type Share } from "./sweep-calls.ts";

parentPort?.postMessage(await sweepCalls(workerData as Share));

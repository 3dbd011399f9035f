// SPDX-License-Identifier: Apache-2.0

/** Runs in a sequence of two kinds of elements. */
export class Runs {
    /** How many runs. */
    count: i32 = 0;
    /** Elements of the longest one. */
    longest: i32 = 0;
    /** Elements of the kind that there is more of. */
    majority: i32 = 0;

    private constructor() {}

    /**
     * Of the steps from each value to the next: up or level against down (SP 800-90B sections
     * 5.1.2 to 5.1.4).
     */
    static ofSteps(data: StaticArray<u8>): Runs {
        const runs = new Runs();
        let ups = 0;
        let length = 0;
        let last = -1;
        for (let i = 1; i < data.length; i++) {
            const up = i32(data[i - 1] <= data[i]);
            ups += up;
            length = runs.extend(length, up == last);
            last = up;
        }
        runs.majority = max(ups, data.length - 1 - ups);
        return runs;
    }

    /** Of the values from the median on against those below (sections 5.1.5 and 5.1.6). */
    static ofHalves(data: StaticArray<u8>, median: f64): Runs {
        const runs = new Runs();
        let length = 0;
        let last = -1;
        for (let i = 0; i < data.length; i++) {
            const high = i32(<f64>data[i] >= median);
            length = runs.extend(length, high == last);
            last = high;
        }
        return runs;
    }

    @inline
    private extend(length: i32, same: bool): i32 {
        const now = same ? length + 1 : 1;
        if (!same) this.count += 1;
        if (now > this.longest) this.longest = now;
        return now;
    }
}

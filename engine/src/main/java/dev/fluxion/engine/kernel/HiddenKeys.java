package dev.fluxion.engine.kernel;

import dev.fluxion.engine.kernel.AttentionBlocks.Run;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Makes weights −∞ whose keys are behind the queries. */
final class HiddenKeys implements Step.Kernel {
    private final FloatBuffer weights;
    private final int heads;
    private final Run run;
    private final float[] hidden;
    private final int repeated;
    private int start;

    /** With the same first query, so many blocks come one after the other. */
    HiddenKeys(FloatBuffer weights, int heads, Run run, int repeated) {
        this.weights = weights;
        this.heads = heads;
        this.run = run;
        this.repeated = repeated;
        this.hidden = new float[run.keys()];
        Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
    }

    @Override
    public void at(int repetition) {
        start = run.starts().get(repetition / repeated % run.starts().size());
    }

    @Override
    public void run() {
        for (int row = 0; row < heads * run.rows(); row++) {
            int seen = Math.min(run.keys(), start + row % run.rows() + 1);
            weights.put(row * run.keys() + seen, hidden, 0, run.keys() - seen);
        }
    }
}

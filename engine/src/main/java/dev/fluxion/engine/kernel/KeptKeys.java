package dev.fluxion.engine.kernel;

import dev.fluxion.engine.kernel.AttentionBlocks.Run;
import dev.fluxion.engine.plan.Step;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntFunction;

/** Draws what weights are multiplied by where some are dropped. */
final class KeptKeys implements Step.Kernel {
    private final AttentionBlocks blocks;
    private final IntFunction<FloatBuffer> seeds;
    private final IntBuffer kept;
    private final Run run;
    private final long[] begins;
    private final Drawing drawing;
    private int repetition;

    /** With the places of seeds, in bytes, where the blocks of a run begin. */
    KeptKeys(AttentionBlocks blocks, IntFunction<FloatBuffer> seeds, IntBuffer kept, Run run, long[] begins) {
        this.blocks = blocks;
        this.seeds = seeds;
        this.kept = kept;
        this.run = run;
        this.begins = begins;
        this.drawing = new Drawing(blocks.dropout(), run.keys());
    }

    @Override
    public void at(int next) {
        repetition = next;
    }

    @Override
    public void run() {
        FloatBuffer from = seeds.apply(repetition / begins.length);
        int begin = (int) (begins[repetition % begins.length] / Float.BYTES);
        for (int row = 0; row < blocks.group() * run.rows(); row++) {
            int pair = begin + (int) blocks.seedsAt(0, row % run.rows(), row / run.rows());
            drawing.keep(from, pair, kept, row * run.keys(), run.keys());
        }
    }
}

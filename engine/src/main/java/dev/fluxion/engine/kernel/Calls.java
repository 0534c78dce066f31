package dev.fluxion.engine.kernel;

import dev.fluxion.engine.plan.Step;
import dev.fluxion.ffi.Call;
import java.util.List;

/** Native calls, one after the other. */
public final class Calls implements Step.Kernel {
    private final Call[] calls;

    /** A kernel that makes the calls in this order and closes them. */
    public Calls(List<Call> calls) {
        this.calls = calls.toArray(Call[]::new);
    }

    /** A kernel that makes a single call, for one tile after the other, and closes it. */
    public static Step.Kernel one(Call call) {
        return new Step.Kernel() {
            @Override
            public void at(int tile) {
                call.at(tile);
            }

            @Override
            public void run() {
                call.run();
            }

            @Override
            public void close() {
                call.close();
            }
        };
    }

    @Override
    public void run() {
        for (Call call : calls) {
            call.run();
        }
    }

    @Override
    public void close() {
        for (Call call : calls) {
            call.close();
        }
    }
}

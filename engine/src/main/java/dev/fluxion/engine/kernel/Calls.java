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

package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.optim.Optimizers.*;

import dev.fluxion.Optimizer;
import dev.fluxion.Schedule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Each optimizer with and without its options, by the names under which a script has recorded PyTorch's. */
final class OptimizerCases {
    private static final Map<String, Optimizer> CASES = new LinkedHashMap<>();

    static {
        CASES.put("sgd", sgd(0.1));
        CASES.put("sgd momentum", sgd(0.05).momentum(0.9));
        CASES.put("sgd dampening", sgd(0.05).momentum(0.8).dampening(0.4).weightDecay(0.01));
        CASES.put("sgd nesterov", sgd(0.05).momentum(0.9).nesterov(true).weightDecay(0.001));
        CASES.put("sgd maximise", sgd(1e-4).momentum(0.5).weightDecay(0.1).maximise());
        CASES.put("adam", adam(0.01));
        CASES.put("adam options", adam(0.01).betas(0.8, 0.95).eps(1e-6).weightDecay(0.001));
        CASES.put("adam amsgrad", adam(0.01).amsgrad(true));
        CASES.put("adam maximise", adam(1e-4).weightDecay(0.1).maximise());
        CASES.put("adamW", adamW(0.01));
        CASES.put(
                "adamW amsgrad",
                adamW(0.02).betas(0.7, 0.9).eps(1e-4).weightDecay(0.1).amsgrad(true));
        CASES.put("adamax", adamax(0.01));
        CASES.put("adamax options", adamax(0.02).betas(0.8, 0.9).eps(1e-3).weightDecay(0.01));
        CASES.put("nAdam", nAdam(0.01));
        CASES.put(
                "nAdam options",
                nAdam(0.01).betas(0.8, 0.9).eps(1e-4).weightDecay(0.02).momentumDecay(0.05));
        CASES.put("nAdam decoupled", nAdam(0.01).weightDecay(0.05).decoupled(true));
        CASES.put("rAdam", rAdam(0.01));
        CASES.put("rAdam options", rAdam(0.01).betas(0.8, 0.9).eps(1e-4).weightDecay(0.02));
        CASES.put("rAdam decoupled", rAdam(0.01).weightDecay(0.05).decoupled(true));
        CASES.put("adagrad", adagrad(0.1));
        CASES.put(
                "adagrad options",
                adagrad(0.1).rateDecay(0.01).weightDecay(0.01).initial(0.3).eps(1e-4));
        CASES.put("adadelta", adadelta(1));
        CASES.put("adadelta options", adadelta(0.5).rho(0.8).eps(1e-4).weightDecay(0.01));
        CASES.put("rmsProp", rmsProp(0.001));
        CASES.put(
                "rmsProp momentum",
                rmsProp(0.001).alpha(0.9).eps(1e-4).momentum(0.8).weightDecay(0.01));
        CASES.put("rmsProp centred", rmsProp(0.001).centred(true));
        CASES.put(
                "rmsProp all",
                rmsProp(0.001).alpha(0.9).eps(1e-2).momentum(0.5).centred(true).weightDecay(0.01));
        CASES.put("rprop", rprop(0.01));
        CASES.put("rprop options", rprop(0.02).etas(0.4, 1.3).sizes(1e-4, 0.1));
        CASES.put("lion", lion(0.001));
        CASES.put("lion options", lion(0.002).betas(0.8, 0.95).weightDecay(0.1));
        CASES.put("asgd", asgd(0.1));
        CASES.put("asgd options", asgd(0.1).lambda(0.01).alpha(0.6).start(20).weightDecay(0.01));
        CASES.put("adafactor", adafactor(0.01));
        CASES.put(
                "adafactor options",
                adafactor(0.05).beta2Decay(-0.6).eps(1e-3, 0.2).clipping(1.5).weightDecay(0.02));
        CASES.put("muon", muon(0.001));
        CASES.put(
                "muon options",
                muon(0.002)
                        .momentum(0.8)
                        .nesterov(false)
                        .weightDecay(0.02)
                        .coefficients(2, -1.5, 0.5)
                        .iterations(8)
                        .eps(1e-3)
                        .matched(true)
                        .others(adamW(0.01)));
    }

    /** Optimizers that treat some parameters differently, or change gradients first. */
    private static final Map<String, Optimizer> COMPOSITES = new LinkedHashMap<>();

    static {
        OneCycle cycle = Schedules.oneCycle(1000);
        COMPOSITES.put(
                "adamW groups", adamW(0.005).weightDecay(0.1).group("2", 0.02).noDecay("*.bias"));
        COMPOSITES.put(
                "sgd group of its own",
                sgd(0.05).momentum(0.9).weightDecay(0.01).group("2.*", adam(0.01)));
        COMPOSITES.put("sgd clipNorm", sgd(0.1).clipNorm(0.05));
        COMPOSITES.put("adam clipValue", adam(0.01).clipValue(0.02));
        COMPOSITES.put("adam average", adam(0.01).average(0.98));
        COMPOSITES.put("sgd average", sgd(0.1).average(0.9));
        COMPOSITES.put("sgd accumulate", sgd(0.1).momentum(0.9).accumulate(4));
        COMPOSITES.put("sgd oneCycle", sgd(0.05).momentum(0.95).cycle(cycle.momentum(0.85 / 0.95)));
        COMPOSITES.put("adam oneCycle", adam(0.05).betas(0.95, 0.999).cycle(cycle.momentum(0.85 / 0.95)));
    }

    /** Optimizers that evaluate a batch several times and have no rule. */
    private static final Map<String, Lbfgs> SEARCHES = new LinkedHashMap<>();

    static {
        SEARCHES.put("lbfgs", lbfgs(1));
        SEARCHES.put("lbfgs strongWolfe", lbfgs(1).strongWolfe(true));
        SEARCHES.put("lbfgs options", lbfgs(0.1).iterations(4).history(5));
        SEARCHES.put("lbfgs one", lbfgs(0.01).iterations(1).history(3));
        SEARCHES.put(
                "lbfgs tolerances",
                lbfgs(0.5).iterations(6).evaluations(9).tolerances(1e-2, 1e-4).strongWolfe(true));
    }

    /** Optimizers of tables of which a step reads few rows. */
    private static final Map<String, Optimizer> TABLES = new LinkedHashMap<>();

    static {
        TABLES.put("sparseAdam", adam(0.01).group("0", sparseAdam(0.02)));
        TABLES.put(
                "sparseAdam options",
                adam(0.01).group("0", sparseAdam(0.01).betas(0.8, 0.95).eps(1e-3)));
    }

    private OptimizerCases() {}

    static Map<String, Optimizer> tables() {
        return Collections.unmodifiableMap(TABLES);
    }

    static Map<String, Lbfgs> searches() {
        return Collections.unmodifiableMap(SEARCHES);
    }

    static Map<String, Optimizer> composites() {
        return Collections.unmodifiableMap(COMPOSITES);
    }

    /** The schedule of a case. */
    static Schedule schedule(String name) {
        return name.endsWith("oneCycle") ? Schedules.oneCycle(1000) : Schedules.constant();
    }

    static Map<String, Optimizer> all() {
        return Collections.unmodifiableMap(CASES);
    }
}

package dev.fluxion.engine;

import dev.fluxion.engine.graph.CarryOver;
import dev.fluxion.engine.graph.ChannelNorms;
import dev.fluxion.engine.graph.CommonSubexpressions;
import dev.fluxion.engine.graph.CropUnread;
import dev.fluxion.engine.graph.Depthwise;
import dev.fluxion.engine.graph.Expand;
import dev.fluxion.engine.graph.FoldChannels;
import dev.fluxion.engine.graph.Simplify;
import dev.fluxion.engine.graph.SingleChannel;
import dev.fluxion.engine.graph.SubPixels;
import dev.fluxion.engine.graph.UnitAxes;
import dev.fluxion.engine.rule.LibraryRule;
import dev.fluxion.engine.rule.RuleBook;
import dev.fluxion.ffi.NativeLibrary;
import dev.fluxion.ffi.Threads;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import java.util.Locale;

/** The passes over the graph, in their order. Few of them ask the native library, which a new process may still be loading. */
enum Pass {
    CARRY_OVER,
    UNIT_AXES,
    SIMPLIFY,
    FOLD,
    CHANNEL_NORMS,
    SHARE,
    EXPAND,
    CROP,
    SINGLE_CHANNEL,
    SUB_PIXELS,
    DEPTHWISE;

    /** What the compiler's stage is called, such as {@code carry-over}. */
    String stage() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The graph behind this pass.
     *
     * @param rules the forms that may be taken
     */
    Graph apply(Graph graph, RuleBook rules) {
        return switch (this) {
            case CARRY_OVER -> CarryOver.apply(graph);
            case UNIT_AXES -> UnitAxes.apply(graph);
            case SIMPLIFY -> Simplify.apply(graph);
            case FOLD -> rules.has(RuleBook.Form.FOLD) ? FoldChannels.apply(graph) : graph;
            case CHANNEL_NORMS ->
                rules.has(RuleBook.Form.CHANNEL_NORMS) ? ChannelNorms.apply(graph, NativeLibrary::lanes) : graph;
            case SHARE -> CommonSubexpressions.apply(graph);
            case EXPAND -> Expand.apply(graph);
            case CROP -> CropUnread.apply(graph);
            case SINGLE_CHANNEL ->
                rules.has(RuleBook.Form.SINGLE_CHANNEL) ? SingleChannel.apply(graph, Pass::readsBlocks) : graph;
            case SUB_PIXELS ->
                rules.has(RuleBook.Form.SUB_PIXELS) ? SubPixels.apply(graph, NativeLibrary::lanes) : graph;
            case DEPTHWISE -> rules.has(RuleBook.Form.DEPTHWISE) ? Depthwise.apply(graph, NativeLibrary::lanes) : graph;
        };
    }

    /** Primitives are made for the number of threads that make them. */
    private static boolean readsBlocks(Expr e) {
        Threads.current(1);
        return LibraryRule.readsBlocks(e);
    }
}

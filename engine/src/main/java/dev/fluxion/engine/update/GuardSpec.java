package dev.fluxion.engine.update;

import dev.fluxion.engine.store.Block;
import dev.fluxion.engine.store.Own;
import dev.fluxion.ffi.Memory;
import java.util.List;

/**
 * The guard that each program has of an update.
 *
 * @param rule the rule of the update, written for a few elements
 * @param targets what it changes, in the rule's order
 * @param isBlind whether nothing is known of the rule before an update
 * @param looks whether what updates write is looked at, and told to the guard
 */
public record GuardSpec(TracedUpdate rule, List<Block> targets, boolean isBlind, boolean looks) implements Own<Guard> {
    public GuardSpec {
        targets = List.copyOf(targets);
    }

    @Override
    public Guard of(Owner program) {
        return program.once(this, () -> make(program));
    }

    /** Kernels hold a guard: it refers to nothing of the program. */
    private static Guard.Target target(Block block, Owner program) {
        Memory memory = block.of(program);
        return new Guard.Target(block.magnitude(program), () -> memory);
    }

    private Guard make(Owner program) {
        List<Guard.Target> own =
                targets.stream().map(block -> target(block, program)).toList();
        return isBlind ? Guard.none(rule, rule.cells(program), own) : Guard.of(rule, rule.cells(program), own);
    }
}

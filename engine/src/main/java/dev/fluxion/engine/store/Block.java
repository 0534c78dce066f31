package dev.fluxion.engine.store;

import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Slot;
import org.jspecify.annotations.Nullable;

/**
 * A tensor for each parameter, one after the other: their values, or what is kept beside them under a name.
 *
 * @param owner who keeps it; null for the values
 * @param name its name
 */
public record Block(Slot.@Nullable Owner owner, String name) implements Own<Memory> {
    private static final Block VALUES = new Block(null, "parameters");

    public static Block of(Slot slot) {
        return new Block(slot.owner(), slot.name());
    }

    /** The block in which a variable lies with those of the other parameters. */
    public static Block of(Leaf.Variable variable) {
        return variable instanceof Leaf.Kept kept ? of(kept.slot()) : VALUES;
    }

    @Override
    public Memory of(Owner program) {
        return owner == null ? program.parameters().block() : program.state().block(this);
    }

    /** What is known of its numbers. */
    public Magnitude magnitude(Owner program) {
        return owner == null
                ? program.parameters().magnitude()
                : program.state().magnitude(this);
    }
}

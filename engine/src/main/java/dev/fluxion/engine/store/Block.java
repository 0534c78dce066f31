package dev.fluxion.engine.store;

import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Slot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tensors one after the other: the values of all parameters, those of all buffers, or what is kept beside the parameters under a
 * name.
 *
 * @param owner who keeps it; null for the values
 * @param name its name
 */
public record Block(Slot.@Nullable Owner owner, String name) implements Own<Memory> {
    private static final Block PARAMETERS = new Block(null, "parameters");
    static final Block BUFFERS = new Block(null, "buffers");

    public static Block of(Slot slot) {
        return new Block(slot.owner(), slot.name());
    }

    /** The block in which a variable lies with those of the other parameters. */
    public static Block of(Leaf.Variable variable) {
        return variable instanceof Leaf.Kept kept ? of(kept.slot()) : ofValues(variable instanceof Leaf.Buffer);
    }

    private static Block ofValues(boolean buffers) {
        return buffers ? BUFFERS : PARAMETERS;
    }

    /** Written out: what Java generates for records takes a new process milliseconds each. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Block that && Objects.equals(owner, that.owner) && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(owner, name);
    }

    @Override
    public Memory of(Owner program) {
        return owner == null
                ? program.parameters().block(this)
                : program.state().block(this);
    }

    /** What is known of its numbers. */
    public Magnitude magnitude(Owner program) {
        return owner == null
                ? program.parameters().magnitude(this)
                : program.state().magnitude(this);
    }
}

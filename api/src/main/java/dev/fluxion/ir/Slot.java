package dev.fluxion.ir;

/**
 * Identifies a tensor that is kept beside a parameter from step to step. Two owners may use the same name for
 * different tensors.
 *
 * @param owner the owner
 * @param name its name, such as {@code momentum}
 * @param parameter the name of the parameter
 */
public record Slot(Owner owner, String name, String parameter) {
    /** The owner of a tensor. */
    public enum Owner {
        /** The rule of an update, which names it in {@link Update.State#keep}. */
        OPTIMIZER,
        /** The training around it: the gradients that accumulate. */
        TRAINING
    }

    /** Checks the name: not blank and without a full stop, which ends it in a file. */
    public Slot {
        Given.require("Slot", "the owner", owner);
        Given.require("Slot", "the name", name);
        Given.require("Slot", "the parameter", parameter);
        if (name.isBlank() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException(Errors.slotName(name));
        }
    }

    /** The slot of an optimizer's tensor for a parameter. */
    public static Slot optimizer(String name, String parameter) {
        return new Slot(Owner.OPTIMIZER, name, parameter);
    }

    /** The slot of a training's tensor for a parameter. */
    public static Slot training(String name, String parameter) {
        return new Slot(Owner.TRAINING, name, parameter);
    }

    /** The same slot of another parameter. */
    public Slot of(String other) {
        return new Slot(owner, name, other);
    }

    @Override
    public String toString() {
        return name + " of " + parameter;
    }
}

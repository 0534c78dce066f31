package dev.fluxion.ir;

/**
 * Which tensor is kept beside a parameter from step to step, and by whom. Two owners may use the same name: their tensors
 * are different ones.
 *
 * @param owner who keeps it
 * @param name its name, as {@code momentum}
 * @param parameter the name of the parameter
 */
public record Slot(Owner owner, String name, String parameter) {
    /** Who keeps a tensor. */
    public enum Owner {
        /** The rule of an update, which names it in {@link Update.State#keep}. */
        OPTIMIZER,
        /** The training around it: the gradients that accumulate. */
        TRAINING
    }

    /** Checks the name: not blank and without a full stop, which ends it in a file. */
    public Slot {
        if (name.isBlank() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException(Errors.slotName(name));
        }
    }

    /** What an optimizer keeps for a parameter. */
    public static Slot optimizer(String name, String parameter) {
        return new Slot(Owner.OPTIMIZER, name, parameter);
    }

    /** What a training keeps for a parameter. */
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

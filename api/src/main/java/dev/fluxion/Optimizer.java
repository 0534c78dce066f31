package dev.fluxion;

import dev.fluxion.ir.Update;

/** How parameters follow from their gradients: a rule written once, element by element, and a learning rate. */
public interface Optimizer extends Update.Rule {
    /** The learning rate, before a schedule changes it. */
    double learningRate();
}

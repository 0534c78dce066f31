package dev.fluxion;

import dev.fluxion.ir.Expr;

/**
 * What a session keeps for a layer from one prediction to the next.
 *
 * @param name the name of the input that gives it to the next prediction
 * @param read what the layer makes of it at once: all positions so far of a history, the next state
 * @param made what is kept: further positions of a history, along axis 1, or the next state
 * @param isHistory whether what is made comes behind what is kept already; else it replaces that
 */
public record Carried(String name, Expr read, Expr made, boolean isHistory) {}

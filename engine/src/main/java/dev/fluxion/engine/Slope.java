package dev.fluxion.engine;

import dev.fluxion.ffi.Eltwise;
import dev.fluxion.ir.BinaryFn;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.UnaryFn;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The gradient of an activation, recognised by the operators that differentiation makes of it.
 *
 * @param function the native function
 * @param result what the activation gave
 * @param gradient the gradient of that
 * @param inner the operators between the two and the product
 */
record Slope(Eltwise.Function function, Expr result, Expr gradient, List<Expr> inner) {
    /** In an order that is the same in every run. */
    private static final Map<UnaryFn, Eltwise.Function> FUNCTIONS = new EnumMap<>(Map.of(
            UnaryFn.RELU, Eltwise.Function.RELU_FROM_RESULT,
            UnaryFn.TANH, Eltwise.Function.TANH_FROM_RESULT,
            UnaryFn.SIGMOID, Eltwise.Function.LOGISTIC_FROM_RESULT));

    /** The slope that a product is, if it is one. */
    static Optional<Slope> of(Expr product) {
        if (!(product.op() instanceof Elementwise.Binary op) || op.fn() != BinaryFn.MUL) {
            return Optional.empty();
        }
        return FUNCTIONS.entrySet().stream()
                .flatMap(f -> of(product, f.getKey(), f.getValue()).stream())
                .findFirst();
    }

    private static Optional<Slope> of(Expr product, UnaryFn fn, Eltwise.Function function) {
        Expr x = Expr.input("x", product.shape());
        Expr y = new Expr(new Elementwise.Unary(fn, 0), List.of(x));
        Expr g = Expr.input("g", product.shape());
        Expr pattern = y.op().gradient(y, g).get(0);
        for (int side = 0; side < 2; side++) {
            Map<Expr, Expr> found = new HashMap<>();
            List<Expr> inner = new ArrayList<>();
            found.put(g, product.input(1 - side));
            if (matches(pattern.input(0), product.input(side), y, found, inner)) {
                return Optional.of(new Slope(
                        function,
                        Objects.requireNonNull(found.get(y)),
                        Objects.requireNonNull(found.get(g)),
                        List.copyOf(inner)));
            }
        }
        return Optional.empty();
    }

    private static boolean matches(Expr pattern, Expr e, Expr y, Map<Expr, Expr> found, List<Expr> inner) {
        if (pattern == y) {
            return found.computeIfAbsent(y, k -> e) == e && e.shape().equals(y.shape());
        }
        if (!pattern.op().equals(e.op())) {
            return false;
        }
        for (int i = 0; i < e.inputs().size(); i++) {
            if (!matches(pattern.input(i), e.input(i), y, found, inner)) {
                return false;
            }
        }
        if (e.op() instanceof Elementwise) {
            inner.add(e);
        }
        return true;
    }
}

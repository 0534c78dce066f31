package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Noise;
import java.util.ArrayList;
import java.util.List;

/** What is done to all gradients before the rules see them. */
final class GradientChanges {
    private GradientChanges() {}

    static List<Expr> apply(
            List<Expr> parameters, List<Expr> gradients, double noise, double clipValue, double clipNorm) {
        List<Expr> changed = gradients;
        if (noise > 0) {
            changed = noisy(parameters, changed, noise);
        }
        if (clipValue < Double.POSITIVE_INFINITY) {
            changed =
                    changed.stream().map(g -> g.max(-clipValue).min(clipValue)).toList();
        }
        return clipNorm < Double.POSITIVE_INFINITY ? clipped(changed, clipNorm) : changed;
    }

    private static List<Expr> noisy(List<Expr> parameters, List<Expr> gradients, double deviation) {
        List<Expr> noisy = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Expr g = gradients.get(i);
            String stream = "noise of " + ((Leaf.Variable) parameters.get(i).op()).parameter();
            Expr radius = Expr.uniform(Noise.stream(stream + " radius"), g.shape());
            Expr angle = Expr.uniform(Noise.stream(stream + " angle"), g.shape());
            noisy.add(g.add(NormalNumbers.of(radius, angle).mul(deviation)));
        }
        return noisy;
    }

    private static List<Expr> clipped(List<Expr> gradients, double most) {
        Expr squares =
                gradients.stream().map(g -> g.square().sum()).reduce(Expr::add).orElse(Expr.constant(0));
        // A gradient that is NaN is refused by its name, as without clipping.
        Expr known = squares.eq(squares);
        Expr bounded = squares.require(
                squares.le(Float.MAX_VALUE).max(known.neg().add(1)),
                "for clipNorm the squares of all gradients must have a sum in float32's range");
        Expr scale = bounded.sqrt().add(1e-6).reciprocal().mul(most).min(1);
        Expr factor = known.where(scale, Expr.constant(1));
        return gradients.stream().map(g -> g.mul(factor)).toList();
    }
}

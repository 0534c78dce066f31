package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;

/**
 * Each element over a power of what is around it in neighbouring channels (Krizhevsky, Sutskever and Hinton, 2012):
 * x / (k + α/size·Σx²)^β, the sum being over the channels from size/2 before to (size − 1)/2 behind, as far as there are some.
 *
 * @param size how many channels are summed
 * @param alpha α
 * @param beta β
 * @param k k
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record LocalResponseNorm(int size, double alpha, double beta, double k, String named, CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "localResponseNorm";
    private static final double ALPHA = 1e-4;
    private static final double BETA = 0.75;
    private static final double K = 1;

    /** Checks the numbers. */
    public LocalResponseNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        String text = Text.call(NAME, size);
        Arguments.requireAtLeast(text, callSite, "size", 1, size);
        Arguments.requireFinite(text, callSite, "alpha", alpha);
        Arguments.requireFinite(text, callSite, "beta", beta);
        Arguments.requireFinite(text, callSite, "k", k);
    }

    static LocalResponseNorm of(int size, CallSite callSite) {
        return new LocalResponseNorm(size, ALPHA, BETA, K, "", callSite);
    }

    /** This layer with another α. */
    public LocalResponseNorm alpha(double factor) {
        return new LocalResponseNorm(size, factor, beta, k, named, callSite);
    }

    /** This layer with another β. */
    public LocalResponseNorm beta(double exponent) {
        return new LocalResponseNorm(size, alpha, exponent, k, named, callSite);
    }

    /** This layer with another k. */
    public LocalResponseNorm k(double added) {
        return new LocalResponseNorm(size, alpha, beta, added, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public LocalResponseNorm named(String name) {
        return new LocalResponseNorm(size, alpha, beta, k, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(this, callSite, LayerCalls.scope(this, scope), x, this::make);
    }

    private Expr make(Expr x) {
        Channels.require(x.shape(), Channels.INFERRED, 1);
        Expr sum = neighbours(x.square());
        return x.div(power(sum.mul(alpha / size).add(k)));
    }

    /** The sums over the channels around each, of sums of 1, 2, 4 and so on of them. */
    private Expr neighbours(Expr x) {
        int channels = x.shape().dim(1);
        int reach = Math.min(size, 2 * channels);
        Expr block = x.pad(1, reach / 2, (reach - 1) / 2, 0);
        Expr sum = Expr.constant(0);
        int summed = 0;
        for (int width = 1; width <= reach; width *= 2) {
            if ((reach & width) != 0) {
                sum = block.slice(1, summed, summed + channels).add(sum);
                summed += width;
            }
            if (2 * width <= reach) {
                int left = block.shape().dim(1) - width;
                block = block.slice(1, 0, left).add(block.slice(1, width, left + width));
            }
        }
        return sum;
    }

    /** Roots are faster than a power. */
    private Expr power(Expr x) {
        if (beta == BETA) {
            Expr root = x.sqrt();
            return root.mul(root.sqrt());
        }
        return x.pow(beta);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(NAME, size)
                + Text.option("alpha", alpha, ALPHA)
                + Text.option("beta", beta, BETA)
                + Text.option("k", k, K)
                + Text.named(named);
    }
}

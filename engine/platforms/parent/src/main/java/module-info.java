/** Native libraries for one platform, under {@code dev/fluxion/natives/}. */
module dev.fluxion.natives {}

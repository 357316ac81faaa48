"""Places: which listings lie within a distance of one.

A box is cut out by an index first; then great-circle distances (haversine) are asked of what is in it.
"""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt
from typing import Any

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import ASin, Cos, Least, Radians, Sin, Sqrt

EARTH_KM = 6371.0088  # mean radius (IUGG)
MAX_RADIUS_KM = 1000.0
DEFAULT_RADIUS_KM = 50.0


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, north and east."""

    latitude: float
    longitude: float

    def distance_to(self, other: "Place") -> float:
        """Kilometres over the ground."""
        a, b = radians(self.latitude), radians(other.latitude)
        east = radians(other.longitude - self.longitude)
        half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(east / 2) ** 2
        return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def within(listings: QuerySet[Any], place: Place, radius_km: float) -> QuerySet[Any]:
    """The listings that lie at most `radius_km` away from `place`."""
    nearby: QuerySet[Any] = listings.filter(box(place, radius_km)).alias(distance=_distance(place))
    return nearby.filter(distance__lte=radius_km)


def box(place: Place, radius_km: float) -> Q:
    """What may lie within the distance; around a pole every longitude may, and east of 180° it goes on at -180°."""
    reach = degrees(radius_km / EARTH_KM)
    south, north = place.latitude - reach, place.latitude + reach
    between = Q(latitude__gte=max(south, -90.0), latitude__lte=min(north, 90.0))
    if south <= -90 or north >= 90:
        return between
    wide = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(place.latitude)))))
    west, east = place.longitude - wide, place.longitude + wide
    if west < -180:
        return between & (Q(longitude__gte=west + 360) | Q(longitude__lte=east))
    if east > 180:
        return between & (Q(longitude__gte=west) | Q(longitude__lte=east - 360))
    return between & Q(longitude__gte=west, longitude__lte=east)


def _distance(place: Place) -> Any:
    north = Sin((Radians(F("latitude")) - radians(place.latitude)) / 2.0)
    east = Sin((Radians(F("longitude")) - radians(place.longitude)) / 2.0)
    half = north * north + Cos(Radians(F("latitude"))) * cos(radians(place.latitude)) * east * east
    return 2.0 * EARTH_KM * ASin(Least(Value(1.0, FloatField()), Sqrt(half)))

"""The EXIF block that the pretended camera writes."""

from __future__ import annotations

from fractions import Fraction

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from aesthetic_studio.sample_album.plan import MAKE, SampleShot

_Base, _IFD, _GPS = ExifTags.Base, ExifTags.IFD, ExifTags.GPS


def _ratio(value: float, denominator: int = 10000) -> IFDRational:
    exact = Fraction(value).limit_denominator(denominator)
    return IFDRational(exact.numerator, exact.denominator)


def exif_of(shot: SampleShot, size: tuple[int, int]) -> Image.Exif:
    """EXIF for one shot; ``size`` (width, height) is that of the stored pixels."""
    exif = Image.Exif()
    taken = shot.taken.strftime("%Y:%m:%d %H:%M:%S")
    exif[_Base.Make], exif[_Base.Model] = MAKE, shot.settings.camera
    exif[_Base.Orientation] = shot.orientation
    exif[_Base.Software] = "Aesthetic Studio sample album"
    exif[_Base.ImageDescription] = f"Rendered scene: {shot.scene.replace('_', ' ')}"
    exif[_Base.DateTime] = taken
    details = exif.get_ifd(_IFD.Exif)
    settings = shot.settings
    details[_Base.DateTimeOriginal] = details[_Base.DateTimeDigitized] = taken
    details[_Base.SubsecTimeOriginal] = details[_Base.SubsecTimeDigitized] = f"{shot.taken.microsecond // 1000:03d}"
    details[_Base.OffsetTimeOriginal] = details[_Base.OffsetTimeDigitized] = shot.utc_offset
    details[_Base.ExposureTime] = _ratio(settings.shutter_s)
    details[_Base.FNumber] = _ratio(settings.aperture, 100)
    details[_Base.ISOSpeedRatings] = settings.iso
    details[_Base.ExposureBiasValue] = _ratio(settings.bias_ev, 10)
    details[_Base.FocalLength] = _ratio(settings.focal_mm, 10)
    details[_Base.LensModel] = settings.lens
    details[_Base.ExifVersion] = b"0232"
    details[_Base.ExifImageWidth], details[_Base.ExifImageHeight] = size
    if shot.gps is not None:
        _write_place(exif, shot.gps)
    return exif


def _write_place(exif: Image.Exif, place: tuple[float, float]) -> None:
    gps = exif.get_ifd(_IFD.GPSInfo)
    gps[_GPS.GPSVersionID] = b"\x02\x03\x00\x00"
    for reference, tag, value, signs in (
        (_GPS.GPSLatitudeRef, _GPS.GPSLatitude, place[0], "NS"),
        (_GPS.GPSLongitudeRef, _GPS.GPSLongitude, place[1], "EW"),
    ):
        minutes, seconds = divmod(abs(value) * 3600, 60)
        degrees, minutes = divmod(minutes, 60)
        gps[reference] = signs[0] if value >= 0 else signs[1]
        gps[tag] = (IFDRational(int(degrees)), IFDRational(int(minutes)), _ratio(seconds, 1000))
